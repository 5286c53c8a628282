"""The vouchers of somebody who searches, as a search reckons with them: read once for each search."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from hub.core.clock import SHANGHAI
from hub.identity import queries as identity
from hub.identity.rules.enterprises import customer_kind
from hub.search.request import Named, Payer
from hub.settlement import queries, rules
from hub.settlement.rules import Order, Programme, Standing
from hub.settlement.rules.programmes import HolderKind

_ENTERPRISE = frozenset({"enterprise_member", "enterprise_manager"})


def payers_of(
    session: Session, role: str | None, party_id: str | None, *, now: datetime
) -> tuple[Payer, ...]:
    """What the vouchers of an enterprise pay at most per order, by programme; empty for everybody else. Reads only."""
    if party_id is None or role not in _ENTERPRISE:
        return ()
    home = identity.home_at(session, party_id, now)
    if home is None:
        return ()
    today = now.astimezone(SHANGHAI).date()
    order = Order("", today, None, party_id, home.area, home.area, "machine_time", service_on=today)
    held = [each for each in queries.concerning(session, [home.area], today) if each.kind == "voucher"]
    standings = queries.standings(session, order, held)
    found = (_payer(each, customer_kind(party_id), standings.get(each.id, Standing(0))) for each in held)
    return tuple(payer for payer in found if payer is not None)


def _payer(programme: Programme, kind: HolderKind, standing: Standing) -> Payer | None:
    """The programme as it pays now; None where it cannot be used, is not for this kind of holder, or nothing is left.

    One that leaves VAT out of its base is passed over too: a search knows fees, not what tax they include.
    """
    quota = None if rules.missing(programme) else programme.quota(kind)
    if quota is None or not programme.terms["vat_in_base"]:
        return None
    limits = [quota.cap_order_fen, standing.available_fen]
    if quota.cap_year_fen is not None:
        limits.append(max(0, quota.cap_year_fen - standing.used_fen))
    limit = min((each for each in limits if each is not None), default=1 << 62)
    if limit <= 0:
        return None
    document, terms = programme.document, programme.terms
    partners = terms.get("partners")
    is_bound = terms["home_only"] or partners is not None
    return Payer(
        programme.id,
        Named(document["name_zh"], document.get("name_en", document["name_zh"])),
        programme.is_demo,
        (programme.area, *(partners or ())) if is_bound else None,
        tuple(terms["classes"]) if "classes" in terms else None,
        terms.get("min_value_fen"),
        frozenset(terms["service_modes"]),
        quota.rate_bp,
        limit,
    )
