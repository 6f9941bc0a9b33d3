"""What a failed request is told: one table from our errors to HTTP, one JSON shape `{code, message}`."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection
from functools import partial
from html import escape
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from smap.content.model import LAYERS, Layers
from smap.errors import (
    AccessError,
    ConflictError,
    ContentError,
    InputError,
    MissingExtraError,
    NotFoundError,
    SmapError,
    StorageError,
    TooManyAttemptsError,
    UsageError,
    ValidationError,
)
from smap.server.answers import page
from smap.server.links import quoted_path
from smap.server.negotiation import json_response, language, wants_html
from smap.server.wire import Fault

__all__ = ["STATUS_OF", "Refusal", "install", "refuse", "status_of"]

#: The most exact entry of an error's ancestry wins.
STATUS_OF: dict[type[SmapError], HTTPStatus] = {
    SmapError: HTTPStatus.INTERNAL_SERVER_ERROR,
    UsageError: HTTPStatus.BAD_REQUEST,
    MissingExtraError: HTTPStatus.NOT_IMPLEMENTED,
    InputError: HTTPStatus.BAD_REQUEST,
    StorageError: HTTPStatus.SERVICE_UNAVAILABLE,
    ContentError: HTTPStatus.BAD_REQUEST,
    ValidationError: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFoundError: HTTPStatus.NOT_FOUND,
    ConflictError: HTTPStatus.PRECONDITION_FAILED,
    AccessError: HTTPStatus.FORBIDDEN,
    TooManyAttemptsError: HTTPStatus.TOO_MANY_REQUESTS,
}

#: What went wrong inside names files of this machine: the log gets that, the client these words.
_TOLD_INSTEAD: dict[HTTPStatus, str] = {
    HTTPStatus.INTERNAL_SERVER_ERROR: "this went wrong on the server",
    HTTPStatus.SERVICE_UNAVAILABLE: "the store cannot be read or written now; the server's log says why",
}

#: RFC 9110 renamed these; Python followed in 3.13, and the word must not hang on who runs us.
_CODES = {
    413: "content_too_large",
    414: "uri_too_long",
    416: "range_not_satisfiable",
    422: "unprocessable_content",
}
#: A line for people; the longest of ours names the fields that can be asked for.
LONGEST_MESSAGE = 3000
#: RFC 9110 §11.6.1 wants a challenge with each 401; a session of ours is no scheme that a browser knows.
_CHALLENGE = 'Session realm="S-Map"'
_REFUSED = {"ko": "보여 드릴 수 없습니다", "en": "This cannot be shown"}
_TITLES = {HTTPStatus.NOT_FOUND: {"ko": "여기에는 아무것도 없습니다", "en": "Nothing is here"}}
_FIRST_WORD = re.compile(r"[a-z_0-9]+", re.ASCII)
_log = logging.getLogger("smap.server")


class Refusal(HTTPException):
    """The protocol is broken (428, 415, 413 …) rather than the content; `more` joins the JSON body."""

    def __init__(
        self, status: HTTPStatus, message: str, *, headers: dict[str, str] | None = None, **more: object
    ) -> None:
        super().__init__(int(status), message, headers)
        self.more = more


def status_of(error: SmapError) -> HTTPStatus:
    """The HTTP status of one of our errors, by the nearest class in the table."""
    return next(STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF)


def refuse(status: HTTPStatus, message: str, *, request: Request | None = None, **more: object) -> Response:
    """A refusal as JSON that no cache keeps; as a small page where the `request` prefers one."""
    headers = {"cache-control": "no-store"}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = _CHALLENGE
    message = message if len(message) <= LONGEST_MESSAGE else f"{message[: LONGEST_MESSAGE - 1]}…"
    if request is not None and wants_html(request):
        headers["vary"] = "Accept, Accept-Language"
        return Response(_as_page(status, message, language(request)), status, headers, "text/html")
    return json_response({"code": _code(status), "message": message, **more}, status=status, headers=headers)


def _as_page(status: HTTPStatus, message: str, lang: str) -> str:
    title = _TITLES.get(status, _REFUSED)[lang]
    body = (
        f'<main><p class="kind">S-Map · {int(status)}</p><h1>{title}</h1><p lang="en">{escape(message)}</p>'
        f'<p><a href="/?lang={lang}">S-Map</a></p></main>'
    )
    return page(title=f"{title} · S-Map", lang=lang, body=body)


def install(app: Starlette, layers: Layers = LAYERS) -> None:
    """Teach the application the table; a fault names one of the fields of the `layers`."""
    parts = {"id", "geometry", *(name for layer in layers.values() for name in layer.fields)}
    app.add_exception_handler(SmapError, partial(_on_smap_error, parts))
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(Exception, _on_anything_else)


def _code(status: HTTPStatus) -> str:
    """A word for programs: `428 Precondition Required` → `precondition_required`."""
    return _CODES.get(int(status)) or status.phrase.lower().replace(" ", "_").replace("-", "_")


def _faults(error: ValidationError, parts: Collection[str]) -> list[Fault]:
    """The content's lines, each begins with the field that it is about: `text_en holds HTML: …`."""
    return [Fault(field=_field_of(line, parts), message=line) for line in error.faults]


def _field_of(line: str, parts: Collection[str]) -> str:
    word = _FIRST_WORD.match(line)
    return word[0] if word and word[0] in parts else ""


async def _on_smap_error(parts: Collection[str], request: Request, error: Exception) -> Response:
    assert isinstance(error, SmapError)
    status = status_of(error)
    if status in _TOLD_INSTEAD:
        _log.error("%s %s: %s", request.method, quoted_path(request.scope["path"]), error)
        return refuse(status, _TOLD_INSTEAD[status], request=request)
    more = {"faults": _faults(error, parts)} if isinstance(error, ValidationError) else {}
    answer = refuse(status, str(error), request=request, **more)
    if isinstance(error, TooManyAttemptsError):
        answer.headers["retry-after"] = str(error.retry_after_s)
    return answer


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    if status == HTTPStatus.METHOD_NOT_ALLOWED and request.method == "OPTIONS":
        return Response(
            status_code=HTTPStatus.NO_CONTENT, headers={"allow": f"{_methods_of(request)}, OPTIONS"}
        )
    plain = error.detail if error.detail != status.phrase else f"{status.phrase}: {request.url.path:.100}"
    answer = refuse(status, plain, request=request, **(error.more if isinstance(error, Refusal) else {}))
    for name, value in (error.headers or {}).items():
        answer.headers[name] = value
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        answer.headers["allow"] = _methods_of(request)
    return answer


def _methods_of(request: Request) -> str:
    """Every method of an address; of several routes that share one, Starlette names the first one's only."""
    routes = [route for route in request.app.routes if isinstance(route, Route)]
    here = [route.methods or set() for route in routes if route.matches(request.scope)[0] is not Match.NONE]
    return ", ".join(sorted(set().union(*here)))


async def _on_anything_else(request: Request, _error: Exception) -> Response:
    """Starlette re-raises the error after this answer, so the server's log gets its traceback."""
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return refuse(status, _TOLD_INSTEAD[status], request=request)
