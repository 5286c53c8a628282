"""Setting up, using and replacing a person's second factor; its secret is sealed with a key outside the database."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from hub.core import audit
from hub.core.db import insert
from hub.core.sealing import Sealed, SealedDamaged, SealingKeyMissing, SealingKeys
from hub.identity import queries, rules
from hub.identity.errors import CodeRefused
from hub.identity.models import Person, RecoveryCode, SecondFactor
from hub.identity.rules import second_factor as factor_rules


class Resealed(NamedTuple):
    """How many secrets were sealed anew, and how many could not be read."""

    done: int
    unreadable: int


def prepare(session: Session, person_id: str, keys: SealingKeys, *, now: datetime) -> SecondFactor:
    """The secret that a person is about to set up: the one that waits already, else a new one. Safe to repeat.

    What is confirmed stays: a lost second factor is removed first. Raises `SealingKeyMissing` when others' secrets were
    sealed with a key and this machine has none: a second key would hide that the first is lost.
    """
    held = session.get(SecondFactor, person_id)
    if held is not None and (held.confirmed_at is not None or _waiting_secret(held, keys) is not None):
        return held
    if not keys.ids():
        sealed_with = session.scalar(select(SecondFactor.sealing_key).limit(1))
        if sealed_with is not None:
            raise SealingKeyMissing(sealed_with)
    sealed = keys.seal(factor_rules.new_secret(), bound_to=_place(person_id))
    values = {"sealing_key": sealed.key_id, "sealed_secret": sealed.box}
    if held is None:
        row = {"person_id": person_id, "last_step": 0, "created_at": now, **values}
        session.execute(insert(session, SecondFactor).values(row).on_conflict_do_nothing())
    else:
        held.sealing_key, held.sealed_secret = sealed.key_id, sealed.box
        session.flush()
    return session.get_one(SecondFactor, person_id)


def enrolment(session: Session, person: Person, keys: SealingKeys) -> tuple[str, str] | None:
    """The secret that waits to be set up and its `otpauth:` address; None when nothing waits that can be read."""
    held = session.get(SecondFactor, person.id)
    secret = None if held is None or held.confirmed_at is not None else _waiting_secret(held, keys)
    if secret is None:
        return None
    return secret, factor_rules.enrolment_address(secret, person.display_name)


def confirm(session: Session, person: Person, code: str, keys: SealingKeys, *, now: datetime) -> list[str]:
    """Put the prepared second factor in force; the recovery codes, told once.

    Raises `CodeRefused`, and `SealingKeyMissing` when the secret cannot be read here.
    """
    held = session.get(SecondFactor, person.id)
    if held is None or held.confirmed_at is not None:
        raise CodeRefused
    step = factor_rules.step_of(secret_of(held, keys), code, last_step=held.last_step, now=now)
    if step is None:
        raise CodeRefused
    held.last_step, held.confirmed_at = step, now
    audit.record(session, person.name, "identity.set_up_second_factor", person.name, now=now)
    return new_recovery_codes(session, person, now=now)


def use_code(session: Session, person_id: str, code: str, keys: SealingKeys, *, now: datetime) -> str | None:
    """Take a one-time code or a recovery code, each once; which of them it was (`totp`, `recovery`), or None.

    Recovery codes need no key. Raises `SealingKeyMissing` for a one-time code when the secret cannot be read here.
    """
    held = queries.second_factor(session, person_id)
    if held is None:
        return None
    if factor_rules.plain_recovery_code(code) is not None:
        return "recovery" if _use_recovery_code(session, person_id, code, now) else None
    step = factor_rules.step_of(secret_of(held, keys), code, last_step=held.last_step, now=now)
    if step is None:
        return None
    # Two browsers with the same code: only one of them moves the step on.
    moved = session.execute(
        update(SecondFactor)
        .where(SecondFactor.person_id == person_id, SecondFactor.last_step < step)
        .values(last_step=step)
        .returning(SecondFactor.person_id)
    ).all()
    return "totp" if moved else None


def new_recovery_codes(session: Session, person: Person, *, now: datetime) -> list[str]:
    """New recovery codes in the place of all earlier ones; told once."""
    codes = factor_rules.new_recovery_codes()
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    session.add_all(
        RecoveryCode(person_id=person.id, code_hash=rules.token_hash(_plain(code))) for code in codes
    )
    audit.record(session, person.name, "identity.make_recovery_codes", person.name, now=now)
    return codes


def remove(session: Session, person: Person, *, actor: str, now: datetime) -> None:
    """Take a lost second factor away, so that the next sign-in sets up a new one. Safe to repeat."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    session.execute(delete(SecondFactor).where(SecondFactor.person_id == person.id))
    audit.record(session, actor, "identity.remove_second_factor", person.name, now=now)


def sealed_with(session: Session) -> dict[str, int]:
    """Key id → how many secrets are sealed with it."""
    rows = session.execute(select(SecondFactor.sealing_key, func.count()).group_by(SecondFactor.sealing_key))
    return {row[0]: row[1] for row in rows}


def reseal(
    session: Session, keys: SealingKeys, *, forgets_unreadable: bool = False, actor: str, now: datetime
) -> Resealed:
    """Seal every secret with the key that seals now. Safe to repeat.

    A secret whose key is lost stays as it is; with `forgets_unreadable` it is taken away, and the person sets up a new
    second factor at the next sign-in.
    """
    done, unreadable = 0, 0
    present = next(iter(keys.ids()), None)
    rows = session.scalars(select(SecondFactor).where(SecondFactor.sealing_key != present).with_for_update())
    for held in rows.all():
        try:
            secret = secret_of(held, keys)
        except (SealingKeyMissing, SealedDamaged):
            unreadable += 1
            if forgets_unreadable:
                remove(session, session.get_one(Person, held.person_id), actor=actor, now=now)
            continue
        sealed = keys.seal(secret, bound_to=_place(held.person_id))
        held.sealing_key, held.sealed_secret = sealed.key_id, sealed.box
        done += 1
    told = {"key": present, "resealed": done, "unreadable": unreadable, "forgotten": forgets_unreadable}
    audit.record(session, actor, "identity.reseal_second_factors", "second-factors", told, now=now)
    return Resealed(done, unreadable)


def _place(person_id: str) -> str:
    return f"identity_second_factor:{person_id}"


def secret_of(held: SecondFactor, keys: SealingKeys) -> str:
    """The secret itself. Raises `SealingKeyMissing` and `SealedDamaged`."""
    return keys.open(Sealed(held.sealing_key, held.sealed_secret), bound_to=_place(held.person_id))


def _waiting_secret(held: SecondFactor, keys: SealingKeys) -> str | None:
    """A secret that nobody relies on yet: one that cannot be read is as good as none."""
    try:
        return secret_of(held, keys)
    except (SealingKeyMissing, SealedDamaged):
        return None


def _use_recovery_code(session: Session, person_id: str, code: str, now: datetime) -> bool:
    plain = factor_rules.plain_recovery_code(code)
    if plain is None:
        return False
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person_id,
            RecoveryCode.code_hash == rules.token_hash(plain),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.code_hash)
    ).all()
    return bool(used)


def _plain(code: str) -> str:
    return code.replace("-", "")
