"""What I was told, how I want to be told, and webhooks for events."""

from datetime import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from hub.core import language
from hub.core.lists import Cursor, Limit, Number, number_position, page_answer
from hub.core.web import CurrentRuntime, ReadSession, WriteSession, json_answer
from hub.identity.access import Principal, action
from hub.notices import queries, rules, service, wire

router = APIRouter(prefix="/api/v1", tags=["notices"])

Me = Annotated[Principal, action("session.use")]
Subscriber = Annotated[Principal, action("notices.subscribe")]
Channel = Annotated[Literal["mail", "sms", "dingtalk", "wecom"], Path()]
WebhookId = Annotated[str, Path(pattern="^wh-[0-9a-f]{16}$")]
Lang = Literal["zh", "en"] | None
NO_STORE = {"Cache-Control": "no-store"}


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ReadUpTo(_Body):
    """Everything up to this notice was read."""

    up_to: int = Field(ge=1)


class ContactBody(_Body):
    """An address, and the secret of a robot that is signed."""

    address: str = Field(min_length=1, max_length=300)
    secret: str | None = Field(default=None, max_length=200)


class PreferenceBody(_Body):
    """Language of texts and quiet hours in Shanghai; equal ends mean none."""

    lang: Literal["zh", "en"]
    quiet_start: time
    quiet_end: time


class WebhookBody(_Body):
    """Where events go."""

    url: str = Field(min_length=1, max_length=500)


class ReplayBody(_Body):
    """Push what follows this event number again."""

    after: int = Field(ge=0)


@router.get("/notices")
def list_notices(
    request: Request,
    session: ReadSession,
    me: Me,
    *,
    lang: Lang = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """My notices, newest first."""
    before = number_position("notices", cursor)
    rows = queries.inbox(session, me.name, before=before, limit=limit + 1)
    told = lang or language.preferred(request.headers.get("accept-language"))
    return page_answer("notices", rows, limit, lambda row: row.id, lambda row: wire.notice(row, told))


@router.post("/notices/read", status_code=204)
def read_up_to(session: WriteSession, runtime: CurrentRuntime, me: Me, body: ReadUpTo) -> None:
    """Mark everything up to a notice as read. Safe to repeat."""
    service.mark_all_read(session, me.name, up_to=body.up_to, now=runtime.clock())


@router.post("/notices/{notice_id}/read", status_code=204)
def read_one(notice_id: Number, session: WriteSession, runtime: CurrentRuntime, me: Me) -> None:
    """Mark one notice as read. Safe to repeat."""
    service.mark_read(session, me.name, notice_id, now=runtime.clock())


@router.get("/contacts")
def list_contacts(session: ReadSession, runtime: CurrentRuntime, me: Me) -> Response:
    """Where I am reached, which channels there are, my language and quiet hours."""
    told: dict[str, Any] = {
        "channels": [name for name in rules.CHANNELS if name in runtime.senders],
        "contacts": [wire.contact(row) for row in queries.contacts(session, me.name)],
        "preference": wire.preference(queries.preference(session, me.name)),
    }
    return json_answer(told, headers=NO_STORE)


@router.put("/contacts/{channel}", status_code=204)
def put_contact(
    channel: Channel, session: WriteSession, runtime: CurrentRuntime, me: Me, body: ContactBody
) -> None:
    """Set my address for a channel. Safe to repeat."""
    service.put_contact(
        session, runtime.senders, me.name, channel, body.address, secret=body.secret, now=runtime.clock()
    )


@router.delete("/contacts/{channel}", status_code=204)
def remove_contact(channel: Channel, session: WriteSession, me: Me) -> None:
    """Forget my address for a channel. Safe to repeat."""
    service.remove_contact(session, me.name, channel)


@router.put("/notice-preference", status_code=204)
def put_preference(session: WriteSession, me: Me, body: PreferenceBody) -> None:
    """Set my language and quiet hours. Safe to repeat."""
    service.put_preference(
        session, me.name, lang=body.lang, quiet_start=body.quiet_start, quiet_end=body.quiet_end
    )


@router.get("/webhooks")
def list_webhooks(session: ReadSession, me: Subscriber) -> Response:
    """My webhooks with their place and health."""
    items = [wire.webhook(row) for row in queries.webhooks_of(session, me.name)]
    return json_answer({"items": items}, headers=NO_STORE)


@router.post("/webhooks", status_code=201)
def create_webhook(
    session: WriteSession, runtime: CurrentRuntime, me: Subscriber, body: WebhookBody
) -> Response:
    """Push events of the party I act for to an address; the answer shows the signing secret, this once."""
    made = service.create_webhook(
        session,
        me.name,
        service.party_of(me),
        body.url,
        private_hosts=runtime.webhook_hosts,
        now=runtime.clock(),
    )
    return json_answer(wire.webhook(made, secret=made.secret), 201, NO_STORE)


@router.delete("/webhooks/{webhook_id}", status_code=204)
def end_webhook(
    webhook_id: WebhookId, session: WriteSession, runtime: CurrentRuntime, me: Subscriber
) -> None:
    """End a webhook. Safe to repeat."""
    service.end_webhook(session, me.name, webhook_id, now=runtime.clock())


@router.post("/webhooks/{webhook_id}/replay", status_code=204)
def replay(
    webhook_id: WebhookId, session: WriteSession, runtime: CurrentRuntime, me: Subscriber, body: ReplayBody
) -> None:
    """Push every event after a number again."""
    service.replay(session, me.name, webhook_id, body.after, now=runtime.clock())
