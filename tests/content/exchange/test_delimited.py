from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import pytest

from smap.content.exchange.delimited import LONGEST_CELL, read_csv
from smap.errors import InputError

HEADER, BODY = "번호,이름,주소\n", '1,경복궁,"사직로 161, 종로구"\n2,종묘,훈정동\n'
ROWS = [
    {"번호": "1", "이름": "경복궁", "주소": "사직로 161, 종로구"},
    {"번호": "2", "이름": "종묘", "주소": "훈정동"},
]


def read(tmp_path: Path, body: bytes, encoding: str | None = None) -> list[dict[str, str]]:
    path = tmp_path / "a.csv"
    path.write_bytes(body)
    return [dict(row.fields) for row in read_csv(path, encoding)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
@pytest.mark.parametrize("packed", [False, True])
def test_the_encoding_is_found(tmp_path: Path, encoding: str, packed: bool) -> None:
    body = (HEADER + BODY).encode(encoding)
    assert read(tmp_path, gzip.compress(body) if packed else body) == ROWS


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_by_the_header(tmp_path: Path, delimiter: str) -> None:
    text = f'번호{delimiter}"이름, 한글; 한자|영문"\n1{delimiter}종묘\n'
    assert read(tmp_path, text.encode()) == [{"번호": "1", "이름, 한글; 한자|영문": "종묘"}]


def test_one_column_and_empty_lines_are_read(tmp_path: Path) -> None:
    assert read(tmp_path, "\n\n이름\n\n종묘\n\n".encode()) == [{"이름": "종묘"}]


def test_a_header_of_decomposed_hangul_is_composed(tmp_path: Path) -> None:
    import unicodedata

    text = unicodedata.normalize("NFD", HEADER) + BODY
    assert read(tmp_path, text.encode()) == ROWS


def test_a_byte_that_fits_no_encoding_is_named(tmp_path: Path) -> None:
    body = (HEADER + BODY).encode("cp949")
    with pytest.raises(InputError, match=rf"not utf-8 \(byte 0\), not cp949 \(byte {len(body)}\)"):
        read(tmp_path, body + b"\xff\xff\n")
    with pytest.raises(InputError, match="is not utf-8: byte 0 does not fit"):
        read(tmp_path, body, "utf-8")
    with pytest.raises(InputError, match=r"not utf-8 \(byte 22\), not cp949"):
        read(tmp_path, HEADER.encode() + b"\xea")


def test_a_far_byte_is_found_at_its_place(tmp_path: Path) -> None:
    body = HEADER.encode() + "1,가,나\n".encode() * 200_000
    with pytest.raises(InputError, match=rf"byte {len(body)}\b"):
        read(tmp_path, body + b"\xff\xfe", "utf-8")


def test_a_line_with_more_cells_than_columns_has_slipped(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("no,name\n1,a,b\n2,c,\n3\n")
    rows = list(read_csv(path))
    assert [row.fault.code if row.fault else None for row in rows] == ["slipped_cells", None, None]
    assert rows[2].fields == {"no": "3", "name": ""}


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="two columns 'name'"):
        read(tmp_path, b"no,name,name\n1,a,b\n")


def test_our_own_guard_before_a_formula_comes_off(tmp_path: Path) -> None:
    assert read(tmp_path, b"name\n'=1+1\n'quoted\n") == [{"name": "=1+1"}, {"name": "'quoted"}]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"a" * (32 * 1024**2), id="a first line without an end"),
        pytest.param(b'no,name\n1,"' + (b"b" * 99 + b"\n") * 200_000, id="a quote that is never closed"),
        pytest.param(b"no,name\n1," + b"c" * (32 * 1024**2), id="a cell without an end"),
        pytest.param(b'no,name\n"' + (b"x" * 99 + b'\n","') * 200_000, id="many cells without an end"),
        pytest.param(b"no,name\n" + b"1,2," * 300_000, id="short cells in a line without an end"),
    ],
)
def test_a_record_without_an_end_is_refused_and_not_gathered(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(body, 1))
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"in all: is it CSV|field larger than") as caught:
            list(read_csv(path, "ascii"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "\n" not in str(caught.value)
    assert peak < 20 * LONGEST_CELL


def test_a_packed_file_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"no,name\n" + b"\n" * (257 * 1024**2), 1))
    with pytest.raises(InputError, match="more than 256 MB"):
        list(read_csv(path))
