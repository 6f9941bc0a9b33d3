from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
