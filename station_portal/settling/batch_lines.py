"""The line table of a batch: what the reader looks for, one page of it, its sums, and the same lines as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query
from sqlalchemy.orm import Session

from hub.settlement.queries import batch_lines as queries
from hub.settlement.queries.batch_lines import SORTS, STANDINGS, Found, Wanted
from hub.settlement.queries.periods import BatchShown
from hub.settlement.service.exports import Column, Table
from station_portal.frame import Frame
from station_portal.i18n import Language
from station_portal.settling import names

Word = Annotated[str, Query(max_length=60)]

SHOWN = 50
_MOST_NAMES = 200
_AT_ONCE = 500


class LineWish:
    """What the table was asked for; what does not exist is left out. Names are looked for by a piece of them."""

    def __init__(
        self,
        *,
        order: Word = "",
        institution: Word = "",
        enterprise: Word = "",
        standing: Word = "",
        changed: Word = "",
        sort: Word = "",
        page: Annotated[int, Query(ge=1, le=10**6)] = 1,
    ) -> None:
        self.order = order.strip()
        self.institution = institution.strip()
        self.enterprise = enterprise.strip()
        self.standing = standing if standing in STANDINGS else ""
        self.changed = "1" if changed else ""
        self.sort = sort if sort in SORTS and sort != "position" else ""
        self.page = page

    @property
    def is_any(self) -> bool:
        """Whether anything is left out of the table."""
        return any((self.order, self.institution, self.enterprise, self.standing, self.changed))

    def address(self, batch_id: str, **changes: object) -> str:
        """The batch's page with this wish, changed; empty values are left out."""
        told: dict[str, object] = {
            "order": self.order,
            "institution": self.institution,
            "enterprise": self.enterprise,
            "standing": self.standing,
            "changed": self.changed,
            "sort": self.sort,
        } | changes
        query = urlencode({name: value for name, value in told.items() if value})
        return f"/staff/settlement/batches/{batch_id}" + (f"?{query}" if query else "")


def standings(language: Language) -> dict[str, dict[str, str]]:
    """How a line stands, in words and tones."""
    return {
        "batched": {"text": language("待记账"), "tone": "wait"},
        "settled": {"text": language("已记账"), "tone": "live"},
        "redeemed": {"text": language("创新券已兑付"), "tone": "ok"},
        "correcting": {"text": language("更正待决定"), "tone": "warn"},
        "corrected": {"text": language("已更正"), "tone": "bad"},
    }


def shown(
    frame: Frame, session: Session, batch: BatchShown, wish: LineWish, programmes: dict[str, str]
) -> dict[str, Any]:
    """What the template needs of the table: one page of lines, the sums of all that were found, and the form's choices."""
    language = frame.language
    owners, users = _sides(session, batch, language)
    wanted = _wanted(wish, owners, users)
    sums = queries.sum_lines(session, batch, wanted)
    pages = max(1, -(-sums.lines // SHOWN))
    here = min(wish.page, pages)
    lines = queries.find_lines(session, batch, wanted, skip=(here - 1) * SHOWN, limit=SHOWN)
    told = standings(language)

    def to(page: int) -> str:
        return wish.address(batch.id, page=page if page > 1 else "") + "#lines"

    return {
        "lines": [
            {
                "member": each.member,
                "institution": owners[each.member.institution_id],
                "enterprise": users[each.member.enterprise_id],
                "programme": programmes.get(each.member.programme_id or "", ""),
                "why": _why(each, language),
                "standing": told[each.standing],
                "difference": each.fee_difference,
                "is_new": each.has_changed,
            }
            for each in lines
        ],
        "line_wish": wish,
        "line_sums": sums,
        "line_page": here,
        "line_pages": pages,
        "line_standings": [(code, each["text"]) for code, each in told.items()],
        "line_sorts": _sorts(batch, language),
        "owners": sorted(set(owners.values())) if len(owners) <= _MOST_NAMES else [],
        "users": sorted(set(users.values())) if len(users) <= _MOST_NAMES else [],
        "first_href": to(1) if here > 2 else None,
        "before_href": to(here - 1) if here > 1 else None,
        "next_href": to(here + 1) if here < pages else None,
    }


def table(frame: Frame, session: Session, batch: BatchShown, wish: LineWish) -> Table:
    """Every line that is wanted; read page by page from a session of its own while it is written."""
    language = frame.language
    owners, users = _sides(session, batch, language)
    wanted = _wanted(wish, owners, users)
    sums = queries.sum_lines(session, batch, wanted)
    told = standings(language)
    columns = [
        Column(language("序号"), "count"),
        Column(language("预约编号")),
        Column(language("企业")),
        Column(language("管理单位")),
        Column(language("费用（元）"), "fen"),
        Column(language("创新券（元）"), "fen"),
        Column(language("自付（元）"), "fen"),
        Column(language("费用较上一版（元）"), "fen"),
        Column(language("状态")),
        Column(language("算式")),
    ]

    def rows() -> Iterator[Sequence[Any]]:
        with frame.runtime.database.read() as own:
            for each in queries.every_line(own, batch, wanted):
                member = each.member
                yield (
                    member.position,
                    member.order_number,
                    users.get(member.enterprise_id, member.enterprise_id),
                    owners.get(member.institution_id, member.institution_id),
                    member.fee_fen,
                    member.voucher_fen,
                    member.own_fen,
                    each.fee_difference,
                    told[each.standing]["text"],
                    _why(each, language),
                )

    amounts = (sums.fee_fen, sums.voucher_fen, sums.own_fen, sums.fee_difference)
    total = (None, language("合计"), None, None, *amounts, None, None)
    return Table(language("结算批次 %(id)s", id=batch.id), columns, rows(), sums.lines, total)


def about(wish: LineWish, language: Language) -> str:
    """What the lines were chosen by, in words; empty for all of them."""
    told = [wish.order, wish.institution, wish.enterprise]
    told.append(standings(language)[wish.standing]["text"] if wish.standing else "")
    told.append(language("较上一版核算有变化") if wish.changed else "")
    return " · ".join(each for each in told if each)


def _sides(session: Session, batch: BatchShown, language: Language) -> tuple[dict[str, str], dict[str, str]]:
    """The names of everybody in the calculation: owners, users."""
    institutions, enterprises = queries.sides_of(session, batch)
    owners: dict[str, str] = {}
    for start in range(0, len(institutions), _AT_ONCE):
        owners |= names.institutions(session, institutions[start : start + _AT_ONCE], language)
    return owners, names.enterprises(session, enterprises)


def _wanted(wish: LineWish, owners: dict[str, str], users: dict[str, str]) -> Wanted:
    return Wanted(
        order_number=wish.order,
        institutions=_matching(wish.institution, owners),
        enterprises=_matching(wish.enterprise, users),
        standing=next((each for each in STANDINGS if each == wish.standing), None),
        has_changed=bool(wish.changed),
        sort=next((each for each in SORTS if each == wish.sort), "position"),
    )


def _matching(piece: str, called: dict[str, str]) -> frozenset[str] | None:
    """The identifiers whose name (or which themselves) hold the piece; None when nothing was asked."""
    if not piece:
        return None
    small = piece.casefold()
    return frozenset(each for each, name in called.items() if small in name.casefold() or small == each)


def _sorts(batch: BatchShown, language: Language) -> list[tuple[str, str]]:
    told = [("", language("清单次序")), ("fee", language("费用从高到低"))]
    told.append(("voucher", language("创新券从高到低")))
    if batch.revision > 1:
        told.append(("difference", language("较上一版差异从大到小")))
    return told


def _why(each: Found, language: Language) -> str:
    document = each.member.document
    return str(language.pick(str(document.get("text_zh", "")), str(document.get("text_en", ""))))
