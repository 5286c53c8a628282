"""A stand-in for the hub's entrances: it keeps what a platform pushes and what staff upload, and checks nothing else."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


class Entrances:
    """Content by province, in the order it came: (bytes, file name)."""

    def __init__(self) -> None:
        self.taken: dict[str, list[tuple[bytes, str]]] = {}
        self.app = Starlette(
            routes=[
                Route("/api/v1/session", self._sign_in, methods=["POST"]),
                Route("/api/v1/sync/{code}/batches", self._batch, methods=["POST"]),
                Route("/api/v1/sync/{code}/digests", self._digest, methods=["POST"]),
                Route("/api/v1/provinces/{code}/files", self._file, methods=["POST"]),
            ]
        )

    def of(self, code: str) -> list[tuple[bytes, str]]:
        """What this province has sent so far."""
        return self.taken.get(code, [])

    async def _sign_in(self, _: Request) -> JSONResponse:
        return JSONResponse({"csrf_token": "token"})

    async def _digest(self, _: Request) -> JSONResponse:
        return JSONResponse({"verdict": "complete", "missing": [], "extra": []})

    async def _batch(self, request: Request) -> JSONResponse:
        content = await request.body()
        if request.headers["content-type"].startswith("application/json"):
            return await self._digest(request)
        name = f"{request.query_params['batch_id']}.ndjson"
        self.taken.setdefault(request.path_params["code"], []).append((content, name))
        return JSONResponse({"records": []})

    async def _file(self, request: Request) -> JSONResponse:
        async with request.form() as form:
            file = form["file"]
            assert not isinstance(file, str)
            self.taken.setdefault(request.path_params["code"], []).append(
                (await file.read(), file.filename or "")
            )
        return JSONResponse({})
