"""What I was told, and how I want to be told: inbox, contacts, quiet hours, event webhooks."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from sqlalchemy.orm import Session

from hub.core.errors import HubError
from hub.core.paging import decode_cursor, encode_cursor
from hub.core.web import CurrentRuntime, ReadSession, WriteSession
from hub.identity import access
from hub.notices import queries, rules, service, texts
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.i18n import Language

router = APIRouter(include_in_schema=False)

Me = Annotated[access.Principal, access.action("session.use")]
Subscriber = Annotated[access.Principal, access.action("notices.subscribe")]

SHOWN = 30
KIND = "portal:notices"


def channel_words(language: Language) -> dict[str, str]:
    """The channels' names for people."""
    return {
        "mail": language("电子邮件"),
        "sms": language("短信"),
        "dingtalk": language("钉钉群机器人"),
        "wecom": language("企业微信群机器人"),
    }


def outcome_words(language: Language) -> dict[str, str]:
    """What a form that did its work says on the next page."""
    return {
        "contact": language("联系方式已保存。"),
        "removed": language("联系方式已删除。"),
        "hours": language("语言与免打扰时段已保存。"),
        "ended": language("事件推送已停止。"),
        "replayed": language("将从该编号之后重新推送。"),
    }


@router.get("/notices")
def show_notices(frame: CurrentFrame, me: Me, session: ReadSession, cursor: str = "") -> Response:
    """The inbox, newest first."""
    before = decode_cursor(KIND, cursor, [int])[0] if cursor else None
    rows = queries.inbox(session, me.name, before=before, limit=SHOWN + 1)
    page = rows[:SHOWN]
    context = {
        "items": [_item(frame, row) for row in page],
        "unread": queries.unread(session, me.name),
        "up_to": page[0].id if page else 0,
        "next_href": f"/notices?cursor={encode_cursor(KIND, [page[-1].id])}" if len(rows) > SHOWN else None,
    }
    return frame.page("notices.html", context)


@router.get("/notices/{notice_id}")
def open_notice(notice_id: int, me: Me, session: WriteSession, runtime: CurrentRuntime) -> Response:
    """Mark one as read and go to what it is about."""
    service.mark_read(session, me.name, notice_id, now=runtime.clock())
    return see_other(queries.notice(session, notice_id).link or "/notices")


@router.post("/notices/read")
def read_all(
    me: Me, session: WriteSession, runtime: CurrentRuntime, up_to: Annotated[int, Form(ge=0)] = 0
) -> Response:
    """Mark everything that the page showed, and what is older, as read."""
    service.mark_all_read(session, me.name, up_to=up_to, now=runtime.clock())
    return see_other("/notices")


@router.get("/account/notices")
def show_settings(frame: CurrentFrame, me: Me, session: ReadSession, told: str = "") -> Response:
    """Contacts, language and quiet hours, webhooks."""
    text = outcome_words(frame.language).get(told, "")
    return frame.page("notice_settings.html", _settings(frame, me, session, told=text))


@router.post("/account/notices/contacts")
def put_contact(
    frame: CurrentFrame,
    me: Me,
    runtime: CurrentRuntime,
    *,
    channel: Annotated[str, Form(max_length=20)] = "",
    address: Annotated[str, Form(max_length=400)] = "",
    secret: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    """Set an address; what is wrong with it is said beside the form."""

    def keep(session: Session) -> None:
        service.put_contact(
            session,
            runtime.senders,
            me.name,
            channel,
            address.strip(),
            secret=secret.strip() or None,
            now=frame.now,
        )

    return _change(frame, me, keep, told="contact", field="address")


@router.post("/account/notices/contacts/remove")
def remove_contact(
    me: Me, session: WriteSession, channel: Annotated[str, Form(max_length=20)] = ""
) -> Response:
    """Forget an address."""
    service.remove_contact(session, me.name, channel)
    return see_other("/account/notices?told=removed")


@router.post("/account/notices/hours")
def put_hours(
    frame: CurrentFrame,
    me: Me,
    *,
    lang: Annotated[str, Form(max_length=5)] = "",
    quiet_start: Annotated[str, Form(max_length=8)] = "",
    quiet_end: Annotated[str, Form(max_length=8)] = "",
) -> Response:
    """Set language and quiet hours."""
    try:
        start, end = time.fromisoformat(quiet_start), time.fromisoformat(quiet_end)
    except ValueError:
        wrong = [("quiet_start", frame.language("请按 22:00 的格式填写免打扰时段"))]
        return _again(frame, me, wrong)
    return _change(
        frame,
        me,
        lambda session: service.put_preference(session, me.name, lang=lang, quiet_start=start, quiet_end=end),
        told="hours",
        field="lang",
    )


@router.post("/account/notices/webhooks")
def create_webhook(
    frame: CurrentFrame,
    me: Subscriber,
    runtime: CurrentRuntime,
    url: Annotated[str, Form(max_length=600)] = "",
) -> Response:
    """Push events to an address; the page shows the signing secret, this once."""
    try:
        with runtime.database.write() as session:
            made = service.create_webhook(
                session,
                me.name,
                service.party_of(me),
                url.strip(),
                private_hosts=runtime.webhook_hosts,
                now=frame.now,
            )
    except HubError as refused:
        return _again(frame, me, [("url", _words(frame, refused))])
    with runtime.database.read() as session:
        context = _settings(frame, me, session) | {"secret": made.secret, "secret_of": made.url}
    return frame.page("notice_settings.html", context, status=201)


@router.post("/account/notices/webhooks/end")
def end_webhook(
    me: Subscriber,
    session: WriteSession,
    runtime: CurrentRuntime,
    webhook_id: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """End a webhook."""
    service.end_webhook(session, me.name, webhook_id, now=runtime.clock())
    return see_other("/account/notices?told=ended")


@router.post("/account/notices/webhooks/replay")
def replay(
    frame: CurrentFrame,
    me: Subscriber,
    runtime: CurrentRuntime,
    *,
    webhook_id: Annotated[str, Form(max_length=40)] = "",
    after: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Push what follows an event number again."""
    if not (after.isascii() and after.isdigit()):
        return _again(frame, me, [(f"after-{webhook_id}", frame.language("请填写事件编号（整数）"))])
    return _change(
        frame,
        me,
        lambda session: service.replay(session, me.name, webhook_id, int(after), now=runtime.clock()),
        told="replayed",
        field=f"after-{webhook_id}",
    )


def _change(frame: Frame, me: access.Principal, keep: Any, *, told: str, field: str) -> Response:
    try:
        with frame.runtime.database.write() as session:
            keep(session)
    except HubError as refused:
        if refused.status >= 500:
            raise
        return _again(frame, me, [(field, _words(frame, refused))])
    return see_other(f"/account/notices?told={told}")


def _again(frame: Frame, me: access.Principal, wrong: list[tuple[str, str]]) -> Response:
    with frame.runtime.database.read() as session:
        context = _settings(frame, me, session, wrong=wrong)
    return frame.page("notice_settings.html", context, status=422)


def _words(frame: Frame, refused: HubError) -> str:
    return frame.language.pick(refused.zh, refused.en)


def _item(frame: Frame, row: Any) -> dict[str, Any]:
    title, text = texts.told(row.template, row.values, frame.language.code)
    return {
        "id": row.id,
        "title": title,
        "text": text,
        "at": row.created_at,
        "is_new": row.read_at is None,
        "is_urgent": texts.template(row.template).urgency == "urgent",
    }


def _settings(
    frame: Frame,
    me: access.Principal,
    session: Session,
    *,
    told: str = "",
    wrong: list[tuple[str, str]] | None = None,
) -> dict[str, Any]:
    chosen = queries.preference(session, me.name)
    usual = rules.QuietHours()
    may_subscribe = access.may_enter(me, "notices.subscribe")
    names = channel_words(frame.language)
    return {
        "told": told,
        "wrong": wrong or [],
        "channels": [
            {"value": name, "text": names[name]} for name in rules.CHANNELS if name in frame.runtime.senders
        ],
        "contacts": [
            {
                "channel": row.channel,
                "name": names[row.channel],
                "address": rules.shortened(row.address),
            }
            for row in queries.contacts(session, me.name)
        ],
        "chosen_lang": "zh" if chosen is None else chosen.lang,
        "quiet_start": f"{usual.start if chosen is None else chosen.quiet_start:%H:%M}",
        "quiet_end": f"{usual.end if chosen is None else chosen.quiet_end:%H:%M}",
        "may_subscribe": may_subscribe,
        "webhooks": queries.webhooks_of(session, me.name) if may_subscribe else [],
        "secret": None,
        "secret_of": None,
    }
