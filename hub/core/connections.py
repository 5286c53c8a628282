"""How this installation reaches each province: one JSON file, `province code → connection`.

Kept apart from manifests because it holds credentials. The demo's simulators write it when they are ready.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from adapters.contract import Connection


class ConnectionsMalformed(ValueError):
    """The connections file is not what it should be; the text names the place."""


def read_connections(path: Path) -> dict[str, Connection]:
    """The connections in the file by six-digit code; none when there is no file. Raises `ConnectionsMalformed`."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    try:
        held = orjson.loads(content)
    except orjson.JSONDecodeError as fault:
        raise ConnectionsMalformed(f"{path}: 不是有效的 JSON / not valid JSON: {fault}") from fault
    if not isinstance(held, dict):
        raise ConnectionsMalformed(f"{path}: 应为对象 / must be an object: province code → connection")
    return {code: _connection(path, code, entry) for code, entry in held.items()}


def _connection(path: Path, code: str, entry: Any) -> Connection:
    if not isinstance(entry, Mapping):
        raise ConnectionsMalformed(f"{path}: {code} 应为对象 / must be an object")
    base_url, credentials, folder = (
        entry.get("base_url", ""),
        entry.get("credentials", {}),
        entry.get("folder"),
    )
    if not isinstance(base_url, str) or not (base_url == "" or base_url.startswith(("http://", "https://"))):
        raise ConnectionsMalformed(f"{path}: {code}.base_url 应为 http(s) 地址 / must be an http(s) address")
    if not isinstance(credentials, dict) or not all(isinstance(v, str) for v in credentials.values()):
        raise ConnectionsMalformed(f"{path}: {code}.credentials 应为文本 / must map names to texts")
    if folder is not None and not isinstance(folder, str):
        raise ConnectionsMalformed(f"{path}: {code}.folder 应为路径 / must be a path")
    return Connection(
        base_url=base_url,
        credentials=credentials,
        folder=Path(folder).resolve() if folder is not None else None,
    )
