"""Use cases of identity, by theme."""

from hub.identity.service.deciding import (
    allow,
)
from hub.identity.service.enterprises import (
    home_of,
)
from hub.identity.service.keys import (
    is_key,
    issue_key,
    revoke_key,
)
from hub.identity.service.people import (
    names_of_demo_accounts,
    put_account,
    switch_off_demo_accounts,
)
from hub.identity.service.sessions import (
    SignedIn,
    Visit,
    act_under,
    csrf_token,
    end_session,
    end_sessions_of,
    end_sessions_of_person,
    end_stolen_session,
    forget_expired,
    principal_of,
    sign_out,
    turn_over,
)
from hub.identity.service.sign_in import (
    Pending,
    check_password_of,
    finish_enrolment,
    give_code,
    pending_sign_in,
    sign_in,
    strengthen,
)

__all__ = [
    "Pending",
    "SignedIn",
    "Visit",
    "act_under",
    "allow",
    "check_password_of",
    "csrf_token",
    "end_session",
    "end_sessions_of",
    "end_sessions_of_person",
    "end_stolen_session",
    "finish_enrolment",
    "forget_expired",
    "give_code",
    "home_of",
    "is_key",
    "issue_key",
    "names_of_demo_accounts",
    "pending_sign_in",
    "principal_of",
    "put_account",
    "revoke_key",
    "sign_in",
    "sign_out",
    "strengthen",
    "switch_off_demo_accounts",
    "turn_over",
]
