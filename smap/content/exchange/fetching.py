"""Asking an open API politely: at its pace, again where it stumbles, and never telling its key."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import Message
from http.client import HTTPException
from typing import IO, Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

from smap.errors import InputError, UsageError

__all__ = ["Client"]

TRIES = 5
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
"""Before the second try; each further wait is twice as long, or what Retry-After says if that is longer."""
TIMEOUT_S = 30.0
LARGEST_ANSWER = 64 * 1024**2
"""Bytes; 1,000 rows of the city's open data have about 1 MB."""
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses after which it is worth asking again."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An address with a key in it is not carried to where somebody else points."""

    def redirect_request(
        self, req: Any, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        return None


class Client:
    """Asks one service; `secret` is its key, which stands in addresses and in nothing that is told.

    `per_second`: how many requests at most. `sleep` and `clock` are for tests.
    """

    def __init__(
        self,
        base: str,
        *,
        secret: str = "",
        per_second: float = 5.0,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        parts = urlsplit(base)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(
                f"{self._scrub_with(secret, base)[:80]!r} is no address of a service: give https://…"
            )
        self.base, self.host = base.rstrip("/"), parts.netloc.rpartition("@")[2]
        self._secret, self._pause, self._sleep, self._clock = secret, 1.0 / per_second, sleep, clock
        self._next = clock()
        self._opener = urllib.request.build_opener(_NoRedirect)

    def get(self, path: str, what: str) -> bytes:
        """Give the body of an answer; `what` names it in errors. Errors: InputError without the key."""
        wait, fault = FIRST_WAIT_S, ""
        for attempt in range(TRIES):
            if attempt:
                self._sleep(min(wait, LONGEST_WAIT_S))
            self._keep_pace()
            body, fault, asked = self._once(path)
            if body is not None:
                return body
            if asked is None:
                raise InputError(self.scrub(f"{what} at {self.host}: {fault}"))
            wait = max(FIRST_WAIT_S * 2.0**attempt, asked)
        raise InputError(self.scrub(f"{what} at {self.host}: {fault}, {TRIES} times: try again later"))

    def text(self, path: str, what: str) -> str:
        """Give an answer as text in UTF-8. Errors: InputError."""
        try:
            return self.get(path, what).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(f"{what} at {self.host}: the answer is not utf-8 (byte {error.start})") from None

    def scrub(self, text: str) -> str:
        """Take the key out of a text, however it was written in an address."""
        return self._scrub_with(self._secret, text)

    @staticmethod
    def _scrub_with(secret: str, text: str) -> str:
        plain = unquote(secret)
        for form in {
            secret,
            plain,
            quote(plain, safe=""),
            quote_plus(plain),
            quote(plain),
            repr(plain)[1:-1],
        }:
            if form:
                text = text.replace(form, "***")
        return text

    def _keep_pace(self) -> None:
        now = self._clock()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + self._pause

    def _once(self, path: str) -> tuple[bytes | None, str, float | None]:
        """The body; or what went wrong, and the seconds that it wants to be left alone (None: for good)."""
        request = urllib.request.Request(f"{self.base}{path}", headers={"User-Agent": "S-Map"})  # noqa: S310 - http(s) by __init__
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                body = answer.read(LARGEST_ANSWER + 1)
        except urllib.error.HTTPError as error:
            with error:
                return None, *_told_by(error)
        except (OSError, HTTPException) as error:
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            return None, f"{str(reason) or type(reason).__name__}", 0.0
        except ValueError as error:
            return None, str(error), None
        if len(body) > LARGEST_ANSWER:
            return None, f"the answer has more than {LARGEST_ANSWER // 1024**2} MB", None
        return body, "", None


def _told_by(error: urllib.error.HTTPError) -> tuple[str, float | None]:
    if 300 <= error.code < 400:
        host = urlsplit(error.headers.get("Location", "")).netloc
        return f"it points to {host or 'elsewhere'}: give that as --base-url if it is right", None
    told = f"status {error.code}"
    if error.code not in PASSING:
        return told, None
    after = error.headers.get("Retry-After", "")
    return told, float(after) if after.isdigit() else 0.0
