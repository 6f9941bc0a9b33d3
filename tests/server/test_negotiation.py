from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from smap.server.negotiation import accepts_gzip, json_bytes, language, wants_html, weights

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def asked(query: str = "", **headers: str) -> Request:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": named, "query_string": query.encode()})


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("", False),
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("gzip;q=0", False),
        ("*", True),
        ("identity", False),
    ],
)
def test_gzip_is_sent_to_those_who_name_it(header: str, wanted: bool) -> None:
    assert accepts_gzip(header) is wanted


@given(st.text())
def test_no_accept_header_is_too_strange_to_read(header: str) -> None:
    assert all(0.0 <= weight <= 1.0 for weight in weights(header).values())


@pytest.mark.parametrize(
    ("accept", "default", "page"),
    [
        (BROWSER, False, True),
        ("*/*", False, False),
        ("*/*", True, True),
        ("application/geo+json, text/html;q=0.5", True, False),
        ("text/html;q=0.5, application/json", False, False),
        ("", False, False),
        ("application/*, text/html;q=0.9", True, False),
        ("*/*;q=0.1, text/html;q=0.2", False, True),
        ("text/*", False, True),
        ("text/html;q=0, */*", True, False),
        ("application/json;q=0.4, */*;q=0.5, text/html;q=0.45", False, False),
    ],
)
def test_json_is_the_answer_unless_accept_prefers_html(accept: str, default: bool, page: bool) -> None:
    assert wants_html(asked(accept=accept), default=default) is page


def test_the_query_decides_over_accept() -> None:
    assert not wants_html(asked("f=json", accept=BROWSER))
    assert wants_html(asked("f=html", accept="application/json"))


@pytest.mark.parametrize(
    ("query", "header", "expected"),
    [
        ("", "", "ko"),
        ("", "en-GB,en;q=0.9,ko;q=0.5", "en"),
        ("", "ja", "ko"),
        ("lang=en", "ko", "en"),
        ("lang=xx", "en", "en"),
    ],
)
def test_the_language_is_asked_for_by_query_then_by_header(query: str, header: str, expected: str) -> None:
    assert language(asked(query, accept_language=header)) == expected


def test_korean_goes_out_as_itself() -> None:
    assert json_bytes({"name": "숭례문"}) == '{"name":"숭례문"}'.encode()
