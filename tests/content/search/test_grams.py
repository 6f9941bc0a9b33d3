from __future__ import annotations

import sqlite3

from hypothesis import given, settings
from hypothesis import strategies as st

from smap.content.search.grams import around, cells, few_pieces, phrase, sequence

texts = st.text("종묘문a bcㄱ宮𠀋", min_size=1, max_size=8).filter(lambda text: "\n" not in text)


def index_of(line: str) -> sqlite3.Connection:
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE lines USING fts5(words, tokenize = 'ascii')")
    base.execute("INSERT INTO lines VALUES (?)", (" ".join(sequence("n", line)),))
    return base


def holds(base: sqlite3.Connection, query: str) -> bool:
    return bool(base.execute("SELECT count(*) FROM lines WHERE lines MATCH ?", (query,)).fetchone()[0])


@given(texts, texts)
@settings(deadline=None)
def test_the_index_finds_just_the_lines_that_hold_a_text(line: str, text: str) -> None:
    base = index_of(line)
    assert holds(base, phrase("n", text)) is (text in line)
    assert text not in line or holds(base, few_pieces("n", text))
    assert holds(base, phrase("n", f"\n{text}")) is line.startswith(text)
    assert holds(base, phrase("n", f"\n{text}\n")) is (line == text)
    base.close()


@given(st.floats(124, 132), st.floats(33, 39), st.floats(-0.019, 0.019), st.floats(-0.019, 0.019))
def test_what_is_nearer_than_a_cell_lies_in_the_nine_about_it(
    lon: float, lat: float, east: float, north: float
) -> None:
    told = cells(lon + east, lat + north)
    for ring, size in around(lon, lat):
        if max(abs(east), abs(north)) < size * 0.999:
            assert any(f" {cell} " in f" {ring.strip('()')} " for cell in told)
