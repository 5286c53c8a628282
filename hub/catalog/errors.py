"""Facts of the catalogue that a caller is told about."""

from datetime import datetime

from hub.core.clock import SHANGHAI
from hub.core.errors import HubError, NotFound


class InstrumentUnknown(NotFound):
    """The catalogue shows no instrument under this identifier."""

    def __init__(self, instrument_id: str) -> None:
        super().__init__(
            f"目录中没有标识为「{instrument_id}」的仪器，可能已由来源平台撤下。",
            f"The catalogue has no instrument {instrument_id!r}; its platform may have withdrawn it.",
            code="instrument_unknown",
            field="id",
        )


class InstrumentWithdrawn(HubError):
    """The platform has taken this instrument out of its list."""

    def __init__(self, instrument_id: str, at: datetime) -> None:
        day = at.astimezone(SHANGHAI).date().isoformat()
        super().__init__(
            "instrument_withdrawn",
            f"仪器「{instrument_id}」已于 {day} 由来源平台撤下。",
            f"Instrument {instrument_id!r} was withdrawn by its platform on {day}.",
            410,
            field="id",
        )


class InstitutionUnknown(NotFound):
    """The catalogue shows no institution under this identifier."""

    def __init__(self, institution_id: str) -> None:
        super().__init__(
            f"目录中没有标识为「{institution_id}」的机构。",
            f"The catalogue has no institution {institution_id!r}.",
            code="institution_unknown",
            field="id",
        )


class StationUnknown(NotFound):
    """No service station under this identifier."""

    def __init__(self, station_id: str) -> None:
        super().__init__(
            f"没有标识为「{station_id}」的服务驿站。",
            f"There is no service station {station_id!r}.",
            code="station_unknown",
            field="id",
        )


class DocumentUnsupported(HubError):
    """A resource promises a kind of document that the catalogue does not keep."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "document_unsupported",
            f"目录不保存「{name}」类文档。",
            f"The catalogue does not keep documents of kind {name!r}.",
            500,
        )
