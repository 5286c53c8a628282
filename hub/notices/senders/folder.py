"""A channel that writes its messages into a folder: the demo's mail and SMS, and a dry run of an installation."""

import json
from pathlib import Path

from hub.notices.senders import Message


class FolderSender:
    """Writes `<id>.json` under `folder`. The same message written twice is one file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: Message) -> None:
        """Write and rename, so that a reader never sees half a message."""
        self._folder.mkdir(parents=True, exist_ok=True)
        told = {"to": message.address, "title": message.title, "text": message.text}
        path = self._folder / f"{message.id}.json"
        half = path.with_suffix(".part")
        half.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        half.replace(path)
