"""Reading provinces' order feeds: what a callback or a response did not bring."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from adapters.contract import Answer, AnswerPage
from adapters.errors import AdapterError
from hub.bookings.models import Route
from hub.bookings.service import answers, cases
from hub.core.db import insert
from hub.core.runtime import Runtime

EVERY = timedelta(seconds=60)
_LONGEST = timedelta(minutes=15)


def due_feeds(runtime: Runtime) -> list[str]:
    """Provinces with an order feed that is to be read now."""
    now = runtime.clock()
    fed = [
        code
        for code, adapter in runtime.adapters.items()
        if adapter.bookings is not None and "feed" in adapter.bookings.capabilities
    ]
    with runtime.database.read() as session:
        routes = {code: session.get(Route, code) for code in fed}
    return [code for code, route in routes.items() if _is_due(route, now)]


def read_feed(runtime: Runtime, province: str) -> int:
    """Read a province's feed to its end; how many answers were new. Safe to repeat: the cursor moves with the answers.

    Every page is one transaction; no transaction is open while the province is called. Raises the adapter's errors.
    """
    port = runtime.adapters[province].bookings
    assert port is not None, "only provinces with a feed are asked"
    with runtime.database.read() as session:
        route = session.get(Route, province)
        cursor = None if route is None else route.feed_cursor
    applied = 0
    try:
        for page in port.feed(cursor):
            with runtime.database.write() as session:
                applied += _take(session, province, page, now=runtime.clock())
    except AdapterError as fault:
        with runtime.database.write() as session:
            _keep(session, province, **_failure(session, province, fault, runtime.clock()))
        raise
    return applied


def _take(session: Session, province: str, page: AnswerPage, *, now: datetime) -> int:
    applied = 0
    for answer in page.answers:
        applied += _meet(session, province, answer, now) == "applied"
    for damaged in page.damaged:
        told = {"position": damaged.position, "code": damaged.code, "zh": damaged.zh, "en": damaged.en}
        cases.open_case(session, "damaged_feed", province, None, told, now=now, subject=damaged.raw_hash[:32])
    due = now + EVERY if page.is_last else now
    _keep(session, province, feed_cursor=page.cursor, feed_read_at=now, feed_due_at=due, feed_failures=0)
    return applied


def _meet(session: Session, province: str, answer: Answer, now: datetime) -> str:
    return answers.apply(session, province, answer, way="feed", now=now).result


def _failure(session: Session, province: str, fault: AdapterError, now: datetime) -> dict[str, Any]:
    route = session.get(Route, province)
    failures = 1 if route is None else route.feed_failures + 1
    return {
        "feed_failures": failures,
        "feed_due_at": now + min(EVERY * 2 ** min(failures, 6), _LONGEST),
        "last_error": {"code": fault.code, "zh": fault.zh[:500], "en": fault.en[:500]},
    }


def _keep(session: Session, province: str, **values: Any) -> None:
    session.execute(
        insert(session, Route)
        .values(province=province, **({"failures": 0, "feed_failures": 0} | values))
        .on_conflict_do_update(index_elements=["province"], set_=values)
    )


def _is_due(route: Route | None, now: datetime) -> bool:
    return route is None or route.feed_due_at is None or route.feed_due_at <= now
