"""The broker that needs nothing installed: messages as files in a folder.

kombu's own file-system transport writes a message in place, so that a consumer that looks at the wrong moment reads
an empty one and its worker ends with it (seen in one of ten first starts). Here a message appears whole or not at
all, and one that cannot be read is put aside: the outbox sends it again.
"""

import logging
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

import orjson
from kombu.transport import TRANSPORT_ALIASES, filesystem

log = logging.getLogger(__name__)

SCHEME = "folders"


class Channel(filesystem.Channel):
    """kombu's channel with messages that are written and taken by renaming."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        name = f"{time.time_ns():020d}-{uuid.uuid4().hex}.{queue}.msg"
        draft = folder / f"{name}.draft"
        draft.write_bytes(orjson.dumps(payload))
        draft.rename(folder / name)

    def _get(self, queue: str, timeout: Any = None) -> Any:  # noqa: ARG002 - the superclass's
        taken = Path(self.processed_folder)
        for path in sorted(Path(self.data_folder_in).glob(f"*.{queue}.msg")):
            mine = taken / path.name
            try:
                path.rename(mine)
            except FileNotFoundError:  # another consumer was first
                continue
            content = mine.read_bytes()
            mine.unlink()
            try:
                return orjson.loads(content)
            except orjson.JSONDecodeError:
                log.warning("a message on %s could not be read and was dropped: %s", queue, path.name)
        raise Empty


class Transport(filesystem.Transport):
    """Messages in folders."""

    Channel = Channel


TRANSPORT_ALIASES[SCHEME] = f"{__name__}:{Transport.__name__}"
