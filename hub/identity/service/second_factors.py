"""Setting up, using and replacing a person's second factor."""

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from hub.core import audit
from hub.identity import queries, rules
from hub.identity.errors import CodeRefused
from hub.identity.models import Person, RecoveryCode, SecondFactor
from hub.identity.rules import second_factor as factor_rules


def prepare(session: Session, person_id: str, *, now: datetime) -> SecondFactor:
    """The secret that a person is about to set up: the one that waits already, else a new one. Safe to repeat.

    What is confirmed stays: a lost second factor is removed first.
    """
    held = session.get(SecondFactor, person_id)
    if held is None:
        held = SecondFactor(
            person_id=person_id, secret=factor_rules.new_secret(), last_step=0, created_at=now
        )
        session.add(held)
        session.flush()
    return held


def enrolment(session: Session, person: Person) -> tuple[str, str] | None:
    """The secret that waits to be set up and its `otpauth:` address; None when nothing waits."""
    held = session.get(SecondFactor, person.id)
    if held is None or held.confirmed_at is not None:
        return None
    return held.secret, factor_rules.enrolment_address(held.secret, person.display_name)


def confirm(session: Session, person: Person, code: str, *, now: datetime) -> list[str]:
    """Put the prepared second factor in force; the recovery codes, told once. Raises `CodeRefused`."""
    held = session.get(SecondFactor, person.id)
    if held is None or held.confirmed_at is not None:
        raise CodeRefused
    step = factor_rules.step_of(held.secret, code, last_step=held.last_step, now=now)
    if step is None:
        raise CodeRefused
    held.last_step, held.confirmed_at = step, now
    audit.record(session, person.name, "identity.set_up_second_factor", person.name, now=now)
    return new_recovery_codes(session, person, now=now)


def use_code(session: Session, person_id: str, code: str, *, now: datetime) -> str | None:
    """Take a one-time code or a recovery code, each once; which of them it was (`totp`, `recovery`), or None."""
    held = queries.second_factor(session, person_id)
    if held is None:
        return None
    step = factor_rules.step_of(held.secret, code, last_step=held.last_step, now=now)
    if step is not None:
        # Two browsers with the same code: only one of them moves the step on.
        moved = session.execute(
            update(SecondFactor)
            .where(SecondFactor.person_id == person_id, SecondFactor.last_step < step)
            .values(last_step=step)
            .returning(SecondFactor.person_id)
        ).all()
        return "totp" if moved else None
    return "recovery" if _use_recovery_code(session, person_id, code, now) else None


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
