"""A browser that signs in through simulated identity providers which answer on loopback."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlsplit

import httpx
from starlette.applications import Starlette

from adapters.simulators import serve
from adapters.simulators.partners import Partners

PROVINCES = ("310000", "330000")


@contextmanager
def running_partners(provinces: Iterable[str] = PROVINCES) -> Iterator[Partners]:
    """Two identity providers and the archive of audit heads, on a port of their own while the block runs."""
    held = serve.listen()
    partners = Partners(serve.address(held), provinces)
    with serve.serving(Starlette(routes=partners.routes), held):
        yield partners


def choose(address: str, subject: str) -> str:
    """What a person does at the provider: choose who to be there; the address that it sends the browser back to."""
    form = dict(parse_qsl(urlsplit(address).query))
    with httpx.Client(trust_env=False, verify=False) as browser:  # plain http on loopback
        page = browser.get(address)
        assert page.status_code == 200, page.text
        answer = browser.post(address.partition("?")[0], data=form | {"subject": subject})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def sign_in(client: httpx.Client, provider: str, subject: str) -> httpx.Response:
    """The whole way: to the provider, a choice there, and back with its answer."""
    away = client.get(f"/sign-in/with/{provider}")
    assert away.status_code == 303, away.text
    back = choose(away.headers["location"], subject)
    return client.get(back)
