"""/healthz: the process answers. /readyz: it can also read what it is to serve."""

from __future__ import annotations

import logging
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smap.errors import SmapError
from smap.server.contentbase import ContentBase
from smap.server.negotiation import json_response
from smap.server.shelf import Shelf

__all__ = ["health_routes"]

_log = logging.getLogger("smap.server")
_FRESH = {"cache-control": "no-store"}


def health_routes(shelf: Shelf, content: ContentBase) -> list[Route]:
    """Both addresses. An empty workspace is ready: it serves what there is, which is nothing yet."""

    async def healthz(_request: Request) -> Response:
        return json_response({"status": "ok"}, headers=_FRESH)

    def readyz(_request: Request) -> Response:
        try:
            release = shelf.check()
            layers = len(content.layers())
        except SmapError as error:
            _log.error("not ready: %s", error)
            body = {
                "status": "not_ready",
                "message": "what is to be served cannot be read; see the server's log",
            }
            return json_response(body, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=_FRESH)
        ready = {"status": "ready", "release": release.id if release else None, "layers": layers}
        return json_response(ready, headers=_FRESH)

    return [Route("/healthz", healthz), Route("/readyz", readyz)]
