"""Reports, messages and ratings as documents."""

from typing import Any

from hub.bookings.models import Note, Rating, Report
from hub.core.clock import SHANGHAI

Document = dict[str, Any]


def report_document(report: Report) -> Document:
    """One version, as in the `reports` of a booking document."""
    told: Document = {
        "id": report.id,
        "version": report.version,
        "filename": report.filename,
        "media_type": report.media_type,
        "size": report.size,
        "sha256": report.sha256,
        "scan": report.scan,
    }
    if report.delivered_at is not None:
        told["delivered_at"] = report.delivered_at.astimezone(SHANGHAI).isoformat()
    return told


def note_document(note: Note) -> Document:
    """One message of the thread."""
    return {
        "id": note.id,
        "at": note.at.astimezone(SHANGHAI).isoformat(),
        "side": note.side,
        "author": note.author,
        "text": note.text,
    }


def rating_document(rating: Rating) -> Document:
    """A rating with its answer, as in a booking document."""
    told: Document = {
        "stars": rating.stars,
        "text": rating.text,
        "rated_at": rating.rated_at.astimezone(SHANGHAI).isoformat(),
        "answer": rating.answer,
    }
    return {name: value for name, value in told.items() if value is not None}
