from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from smap.server.caching import content_etag, matches, range_of

SIZES = st.integers(0, 5000)


@given(header=st.text() | st.from_regex(r"bytes=[0-9]*-[0-9]*", fullmatch=True), size=SIZES)
def test_any_range_header_gives_a_range_inside_the_bytes_or_everything_or_416(header: str, size: int) -> None:
    try:
        chosen = range_of(header, size)
    except IndexError:
        return
    if chosen is not None:
        first, last = chosen
        assert 0 <= first <= last < size


@given(first=st.integers(0, 6000), last=st.integers(0, 6000), size=SIZES)
def test_a_range_cuts_what_slicing_would_cut(first: int, last: int, size: int) -> None:
    whole = bytes(index % 251 for index in range(size))
    if first > last:
        assert range_of(f"bytes={first}-{last}", size) is None
    elif first >= size:
        with pytest.raises(IndexError):
            range_of(f"bytes={first}-{last}", size)
    else:
        chosen = range_of(f"bytes={first}-{last}", size)
        assert chosen is not None
        assert whole[chosen[0] : chosen[1] + 1] == whole[first : last + 1]


@given(length=st.integers(1, 6000), size=st.integers(1, 5000))
def test_a_suffix_range_is_the_end_of_the_bytes(length: int, size: int) -> None:
    assert range_of(f"bytes=-{length}", size) == (max(size - length, 0), size - 1)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes=0-1,4-5",
        "lines=0-1",
        "bytes=5-2",
        "bytes=-",
        "bytes=٣-٤",
        "bytes=" + "9" * 5000 + "-",
    ],
)
def test_a_header_that_makes_no_single_range_is_ignored(header: str | None) -> None:
    assert range_of(header, 100) is None


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=-0", "bytes=200-300"])
def test_a_range_outside_the_bytes_cannot_be_satisfied(header: str) -> None:
    with pytest.raises(IndexError):
        range_of(header, 100)


def test_if_none_match_compares_weakly_and_knows_lists_and_the_star() -> None:
    etag = content_etag(b"seoul")
    assert matches(f'"other", W/{etag}', etag)
    assert matches("*", etag)
    assert not matches("", etag)
    assert not matches('"other"', etag)


LARGE = [
    "/api/collections/heritage/items",
    "/api/collections/heritage/items/sungnyemun",
    "/api/collections",
    "/api/openapi",
    "/api/search?q=문",
    "/catalog.json",
    "/place/heritage/sungnyemun",
    "/place/heritage/sungnyemun?f=json",
]


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample's documents are short: pack them all the same."""
    monkeypatch.setattr("smap.server.caching.SMALLEST_TO_PACK", 256)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("path", LARGE)
def test_an_answer_is_packed_for_those_who_can_unpack_it(client: TestClient, path: str) -> None:
    plain = client.get(path, headers={"accept-encoding": "identity"})
    with client.stream("GET", path, headers={"accept-encoding": "br, gzip;q=0.5"}) as packed:
        body = b"".join(packed.iter_raw())
    assert "content-encoding" not in plain.headers
    assert (packed.headers["content-encoding"], gzip.decompress(body)) == ("gzip", plain.content)
    assert int(packed.headers["content-length"]) == len(body) < len(plain.content)
    assert packed.headers["etag"] == plain.headers["etag"][:-1] + '-gzip"'
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["vary"]
    again = {"accept-encoding": "gzip", "if-none-match": packed.headers["etag"]}
    unchanged = client.get(path, headers=again)
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert "content-encoding" not in unchanged.headers
    assert unchanged.headers["vary"] == plain.headers["vary"]


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("path", LARGE)
@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_head_has_the_headers_of_get(client: TestClient, path: str, coding: str) -> None:
    asked = {"accept-encoding": coding}
    assert client.head(path, headers=asked).headers == client.get(path, headers=asked).headers


@pytest.mark.parametrize("path", ["/api", "/api/height?lon=127&lat=37.5", "/session"])
def test_a_small_answer_and_one_with_a_secret_stay_plain(client: TestClient, path: str) -> None:
    assert "content-encoding" not in client.get(path, headers={"accept-encoding": "gzip"}).headers


def test_a_page_with_a_time_stamp_has_a_weak_etag(client: TestClient) -> None:
    assert client.get("/api/collections/heritage/items").headers["etag"].startswith('W/"')
    assert client.get("/api/collections").headers["etag"].startswith('"')
