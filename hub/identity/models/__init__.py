"""Tables of identity, by theme."""

from hub.identity.models.accounts import (
    Account,
    PlatformKey,
    RecoveryCode,
    SecondFactor,
    SignedInSession,
    SignInAttempt,
    SignInThrottle,
)
from hub.identity.models.enterprises import Case, CaseDocument, Home
from hub.identity.models.heads import AuditHead, HeadDelivery
from hub.identity.models.people import Grant, Invitation, Party, Person, ProviderLogin, Station
from hub.identity.models.platforms import (
    AccessToken,
    Platform,
    PlatformInvitation,
    PlatformPublicKey,
    SigningKey,
    SpentAssertion,
)

__all__ = [
    "AccessToken",
    "Account",
    "AuditHead",
    "Case",
    "CaseDocument",
    "Grant",
    "HeadDelivery",
    "Home",
    "Invitation",
    "Party",
    "Person",
    "Platform",
    "PlatformInvitation",
    "PlatformKey",
    "PlatformPublicKey",
    "ProviderLogin",
    "RecoveryCode",
    "SecondFactor",
    "SignInAttempt",
    "SignInThrottle",
    "SignedInSession",
    "SigningKey",
    "SpentAssertion",
    "Station",
]
