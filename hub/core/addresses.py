"""Network addresses: which ones belong to the open Internet, and how a host with its port is written."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit


def host_and_port(url: str) -> str:
    """`host:port` of a URL, with the scheme's port when it names none: the form of the allow-list."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{(parts.hostname or '').lower()}:{port}"


def is_public(address: str) -> bool:
    """Whether an address belongs to the open Internet, also when it wraps an IPv4 address."""
    try:
        held: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(held, IPv6Address):
        inner = held.ipv4_mapped or held.sixtofour or _nat64(held)
        if held.teredo is not None:
            return False
        if inner is not None:
            held = inner
    return held.is_global and not held.is_multicast and not held.is_reserved


def _nat64(address: IPv6Address) -> IPv4Address | None:
    packed = address.packed
    return IPv4Address(packed[12:]) if packed[:12] == b"\x00\x64\xff\x9b" + bytes(8) else None
