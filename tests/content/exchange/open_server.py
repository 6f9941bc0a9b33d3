"""A local server that answers like the three open APIs, page by page, and can stumble."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.content.exchange.answers import KHS_DETAIL, khs_list, seoul, tour

__all__ = ["KEY", "OpenServer", "serving"]

KEY = "s3cret+key/with=signs=="
BAD_KEY = (
    "<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg>"
    "<returnAuthMsg>SERVICE_KEY_IS_NOT_REGISTERED_ERROR</returnAuthMsg>"
    "<returnReasonCode>30</returnReasonCode></cmmMsgHeader></OpenAPI_ServiceResponse>"
)


class OpenServer:
    """What it has, how it stumbles, and what it was asked.

    `claims`: how many more records it tells of than it gives; `page`: the most rows that it gives at once.
    `stumbles`: statuses of the next answers, with what Retry-After says; 0: the connection just ends.
    """

    def __init__(self) -> None:
        self.base = ""
        self.khs: list[str] = []
        self.tour: list[dict[str, str]] = []
        self.seoul: dict[str, list[dict[str, str]]] = {}
        self.stumbles: list[tuple[int, Mapping[str, str]]] = []
        self.asked: list[str] = []
        self.page = 1000
        self.claims = 0

    def answer(self, target: str) -> bytes:
        """The body for a path and query."""
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path.endswith("SearchKindOpenapiList.do"):
            return khs_list(self._page(self.khs, query, "pageIndex", "pageUnit"), len(self.khs))
        if parts.path.endswith("SearchKindOpenapiDt.do"):
            return KHS_DETAIL
        if parts.path.endswith("areaBasedList2"):
            return self._tour(query)
        return self._seoul(parts.path)

    def _page(self, rows: list[Any], query: Mapping[str, str], number: str, size: str) -> list[Any]:
        most = min(int(query[size]), self.page)
        start = (int(query[number]) - 1) * most
        return rows[start : start + most]

    def _tour(self, query: Mapping[str, str]) -> bytes:
        if query.get("serviceKey") != KEY:
            return BAD_KEY.encode()
        rows = self._page(self.tour, query, "pageNo", "numOfRows")
        return tour("" if not rows else rows[0] if len(rows) == 1 else rows, len(self.tour) + self.claims)

    def _seoul(self, path: str) -> bytes:
        from urllib.parse import unquote

        key, form, dataset, first, last = (unquote(part) for part in path.strip("/").split("/"))
        if key != KEY:
            message = f"<MESSAGE>인증키가 유효하지 않습니다: {key}</MESSAGE>"
            return f"<RESULT><CODE>INFO-100</CODE>{message}</RESULT>".encode()
        assert form == "json"
        if int(last) - int(first) >= 1000:
            return b'{"RESULT": {"CODE": "ERROR-336", "MESSAGE": "1000"}}'
        rows = self.seoul.get(dataset, [])
        return seoul(dataset, rows[int(first) - 1 : int(last)], len(rows))


@contextmanager
def serving() -> Iterator[OpenServer]:
    """Serve on loopback while the block runs."""
    state = OpenServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(self.path)
            status, headers = state.stumbles.pop(0) if state.stumbles else (200, {})
            if status == 0:
                self.close_connection = True
                return
            body = state.answer(self.path) if status == 200 else b"busy"
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
