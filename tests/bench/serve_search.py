"""A web process over an index, for measurements: prints its port, serves until it is terminated."""

from __future__ import annotations

import socket
import sys
import tempfile
from pathlib import Path

import uvicorn

from hub import models
from hub.app import create_app
from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.search.index import SearchIndex


def main() -> None:
    """`python -m tests.bench.serve_search INDEX_FOLDER`."""
    with tempfile.TemporaryDirectory() as home:
        database = Database(f"sqlite:///{home}/hub.db")
        models.METADATA.create_all(database.engine)
        app = create_app(Runtime(home=Path(home), database=database, index=SearchIndex(Path(sys.argv[1]))))
        # With IPPROTO_TCP asyncio sets TCP_NODELAY; without it each answer waits 44 ms for an acknowledgement.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        print(listener.getsockname()[1], flush=True)
        config = uvicorn.Config(app, log_level="warning", access_log=False)
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
