"""Who is at the door: sign in, sign out, and the checks that every change must pass.

The session lives in the content database; the browser holds only its random token, in a cookie that scripts
cannot read. A change must also bring the session's CSRF token in X-CSRF-Token and come from our own pages.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from anyio import CapacityLimiter, to_thread
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from smap.content.access import authenticate
from smap.content.session import Session, end_session, read_session, start_session
from smap.errors import AccessError, TooManyAttemptsError, ValidationError
from smap.server.body import read_json
from smap.server.contentbase import ContentBase
from smap.server.errors import Refusal
from smap.server.guard import host_name, is_loopback
from smap.server.negotiation import json_response
from smap.server.wire import Session as SessionOnWire

__all__ = ["NEEDS_HTTPS", "Doorkeeper", "check_origin", "cookie_name", "is_secure", "session_routes"]

#: Over HTTPS the `__Host-` prefix makes the browser insist on Secure, Path=/ and no Domain (RFC 6265bis
#: §4.1.3.2). A browser refuses that prefix over plain HTTP, so on loopback, the only place where we accept a
#: login without TLS, the cookie has a plain name and lacks Secure.
SECURE_COOKIE = "__Host-smap"
LOOPBACK_COOKIE = "smap_session"
#: argon2id takes tens of MiB and tens of milliseconds for each try: not more than this at once.
LOGINS_AT_ONCE = 2
#: A password of 256 decomposed Hangul syllables, written as \\uXXXX, takes 4.6 kB.
LOGIN_BYTES = 8192
NEEDS_HTTPS = "signing in needs HTTPS, or http://localhost on the machine itself"
_PRIVATE = {"cache-control": "no-store"}

Clock = Callable[[], datetime]


class Doorkeeper:
    """Reads the session of a request and refuses what may not pass."""

    def __init__(self, content: ContentBase, now: Clock) -> None:
        self.content = content
        self.now = now

    def session(self, request: HTTPConnection) -> Session | None:
        """The session that the request's cookie names, or None. Blocking: call it in a thread."""
        token = request.cookies.get(cookie_name(request.scope))
        if not token or not self.content.exists():
            return None
        return read_session(self.content.engine(), token, self.now())

    async def signed_in(self, scope: Scope) -> bool:
        """Whether the request comes from somebody signed in."""
        connection = HTTPConnection(scope)
        if cookie_name(scope) not in connection.cookies:
            return False
        return await to_thread.run_sync(self.session, connection) is not None

    def sees_drafts(self, request: Request) -> bool:
        """Whether `?draft=1` was asked for; 401 for those who are not signed in. Blocking."""
        if request.query_params.get("draft", "0") in ("", "0"):
            return False
        if self.session(request) is None:
            raise Refusal(HTTPStatus.UNAUTHORIZED, "drafts are for signed-in editors: sign in first")
        return True

    async def for_change(self, request: Request) -> Session:
        """The session of a request that wants to change something; 401 or 403 where it may not."""
        check_origin(request)
        found = await to_thread.run_sync(self.session, request)
        if found is None:
            raise Refusal(HTTPStatus.UNAUTHORIZED, "sign in first: POST /session")
        if not _same(request.headers.get("x-csrf-token", ""), found.csrf):
            raise Refusal(HTTPStatus.FORBIDDEN, "X-CSRF-Token is missing or not that of GET /session")
        return found


def session_routes(door: Doorkeeper) -> list[Route]:
    """/session: who am I, sign in, sign out."""
    logins = CapacityLimiter(LOGINS_AT_ONCE)

    def who(request: Request) -> Response:
        return json_response(_who(request, door.session(request)), headers=_PRIVATE)

    async def sign_in(request: Request) -> Response:
        check_origin(request)
        if not is_secure(request.scope):
            raise Refusal(HTTPStatus.FORBIDDEN, NEEDS_HTTPS)
        name, password = _credentials(await read_json(request, most=LOGIN_BYTES))
        token, session = await to_thread.run_sync(_start, door, request, name, password, limiter=logins)
        answer = json_response(_who(request, session), headers=_PRIVATE)
        _set_cookie(answer, request.scope, token)
        return answer

    async def sign_out(request: Request) -> Response:
        await door.for_change(request)
        token = request.cookies[cookie_name(request.scope)]
        await to_thread.run_sync(_end, door, token)
        answer = Response(status_code=HTTPStatus.NO_CONTENT, headers=_PRIVATE)
        _set_cookie(answer, request.scope, "", max_age=0)
        return answer

    return [
        Route("/session", who, methods=["GET"]),
        Route("/session", sign_in, methods=["POST"]),
        Route("/session", sign_out, methods=["DELETE"]),
    ]


def is_secure(scope: Scope) -> bool:
    """Whether passwords may travel: over HTTPS, or from this very machine to itself.

    Both ends must be loopback: a TLS proxy on this machine whose X-Forwarded-Proto is not trusted
    (SMAP_TRUSTED_PROXIES) connects from loopback too, but under the public Host name.
    """
    if scope.get("scheme") == "https":
        return True
    host = host_name(HTTPConnection(scope).headers.get("host", ""))
    client = scope.get("client")
    return is_loopback(host) and client is not None and is_loopback(client[0])


def cookie_name(scope: Scope) -> str:
    """The name of the session's cookie for this scheme."""
    return SECURE_COOKIE if scope.get("scheme") == "https" else LOOPBACK_COOKIE


def check_origin(request: Request) -> None:
    """403 where a browser says that another site's page sent this.

    Browsers name the Origin of every change; programs name none and are held by the CSRF token alone.
    """
    own = f"{request.url.scheme}://{request.headers.get('host', '')}".lower()
    origin = request.headers.get("origin", own).lower()
    site = request.headers.get("sec-fetch-site", "same-origin")
    if origin != own or site not in ("same-origin", "none"):
        raise Refusal(HTTPStatus.FORBIDDEN, "changes are accepted from this server's own pages only")


def _credentials(document: object) -> tuple[str, str]:
    if not isinstance(document, dict):
        raise ValidationError(["the body is not an object with name and password"])
    name, password = document.get("name"), document.get("password")
    if not isinstance(name, str) or not isinstance(password, str):
        raise ValidationError(["name and password must both be texts"])
    return name, password


def _start(door: Doorkeeper, request: Request, name: str, password: str) -> tuple[str, Session]:
    """Check the password and start a session; one that came along ends (rotation)."""
    engine, now = door.content.engine(), door.now()
    client = request.client.host if request.client else ""
    try:
        user = authenticate(engine, name, password, client=client, now=now)
    except TooManyAttemptsError:
        raise
    except AccessError as error:
        raise Refusal(HTTPStatus.UNAUTHORIZED, str(error)) from error
    return start_session(engine, user, now=now, replaces=request.cookies.get(cookie_name(request.scope)))


def _who(request: Request, session: Session | None) -> SessionOnWire:
    secure = is_secure(request.scope)
    if session is None:
        return SessionOnWire(secure=secure, name=None, role=None, csrf=None, expires=None)
    user = session.user
    until = session.expires.isoformat()
    return SessionOnWire(secure=secure, name=user.name, role=user.role, csrf=session.csrf, expires=until)


def _set_cookie(answer: Response, scope: Scope, token: str, max_age: int | None = None) -> None:
    """A cookie for this browser session; how long it counts is decided by the database."""
    secure = scope.get("scheme") == "https"
    answer.set_cookie(
        cookie_name(scope), token, max_age=max_age, path="/", secure=secure, httponly=True, samesite="lax"
    )


def _same(given: str, expected: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(given.encode(), expected.encode())


def _end(door: Doorkeeper, token: str) -> None:
    end_session(door.content.engine(), token)
