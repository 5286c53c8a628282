"""What an OpenID provider publishes about itself: its discovery document and its keys, kept with a bounded age.

Within the minute in which a provider begins to sign with a key that the hub does not know, its keys are fetched anew;
more often than once a minute they are not, whatever tokens arrive.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from hub.core.addresses import host_and_port
from hub.core.kept import Kept
from hub.core.partners import IdentityProvider
from hub.identity.errors import ProviderAnswerRefused, ProviderUnavailable

DISCOVERY_KEPT = timedelta(hours=1)
KEYS_KEPT = timedelta(minutes=15)
"""A key that the provider withdraws is believed no longer than this."""
KEYS_RENEWED_EVERY = timedelta(minutes=1)


class ProviderDocuments:
    """The documents of one provider, as one sign-in needs them: from `kept`, else fetched with `http`."""

    def __init__(self, kept: Kept, http: httpx.Client, provider: IdentityProvider, *, now: datetime) -> None:
        self._kept, self._http, self._provider, self._now = kept, http, provider, now

    def metadata(self) -> Mapping[str, Any]:
        """The discovery document. Raises `ProviderUnavailable` and `ProviderAnswerRefused`."""
        return self._kept.get(self._discovery, self._discover, oldest=DISCOVERY_KEPT, now=self._now)

    def forget_metadata(self) -> None:
        """An address in it did not answer: it may have moved, so the next sign-in reads the document again."""
        self._kept.forget(self._discovery)

    def keys(self) -> KeySet:
        """The keys that the provider signs with. Raises `ProviderUnavailable` and `ProviderAnswerRefused`."""
        return self._kept.get(self._keys, self._fetch_keys, oldest=KEYS_KEPT, now=self._now)

    def newer_keys(self) -> KeySet | None:
        """The keys as they are published this moment, or None: they were fetched anew less than a minute ago.

        Raises `ProviderUnavailable` and `ProviderAnswerRefused`.
        """
        return self._kept.renew(self._keys, self._fetch_keys, at_most_every=KEYS_RENEWED_EVERY, now=self._now)

    @property
    def _discovery(self) -> str:
        return f"oidc.discovery:{self._provider.issuer}"

    @property
    def _keys(self) -> str:
        return f"oidc.keys:{self._provider.issuer}"

    def _discover(self) -> dict[str, Any]:
        provider = self._provider
        metadata = self._get(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
        # The document names itself, or it speaks for somebody else (OpenID Connect Discovery 1.0, 4.3).
        if metadata.get("issuer") != provider.issuer:
            raise ProviderAnswerRefused("issuer of the discovery document")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not _is_safe(metadata.get(name), provider):
                raise ProviderAnswerRefused(name)
        return metadata

    def _fetch_keys(self) -> KeySet:
        held = self._get(self.metadata()["jwks_uri"])
        try:
            return KeySet.import_key_set(held)  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError) as fault:
            raise ProviderAnswerRefused("jwks") from fault

    def _get(self, address: str) -> dict[str, Any]:
        try:
            answer = self._http.get(address)
            answer.raise_for_status()
            held = answer.json()
        except (httpx.HTTPError, ValueError) as fault:
            raise ProviderUnavailable(self._provider.name_zh) from fault
        if not isinstance(held, dict):
            raise ProviderUnavailable(self._provider.name_zh)
        return held


def _is_safe(address: Any, provider: IdentityProvider) -> bool:
    if not isinstance(address, str) or len(address) > 500:
        return False
    parts = urlsplit(address)
    return parts.scheme == "https" or host_and_port(address) == host_and_port(provider.issuer)
