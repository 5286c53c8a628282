"""Identifiers that the hub itself makes: of processes, requests and secrets."""

import os
import platform
import secrets

_holders: dict[int, str] = {}


def holder_name() -> str:
    """Names this process in leases: host, process id and a random part.

    Stable for the life of a process and different after a fork, so that a child never
    mistakes its parent's lease for its own; the random part tells a recycled pid from the old one.
    """
    pid = os.getpid()
    if pid not in _holders:
        _holders[pid] = f"{platform.node()}:{pid}:{secrets.token_hex(4)}"
    return _holders[pid]


def random_token(octets: int = 32) -> str:
    """A URL-safe secret with `octets` bytes of randomness."""
    return secrets.token_urlsafe(octets)
