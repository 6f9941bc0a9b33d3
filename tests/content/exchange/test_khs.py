from __future__ import annotations

from pathlib import Path

import pytest

from smap.content.exchange.khs import khs_rows, khs_total, read_khs
from smap.content.exchange.markup import DEEPEST, MOST_ELEMENTS
from smap.errors import InputError
from tests.content.exchange.answers import KHS_DETAIL, KHS_LIST


def read(tmp_path: Path, body: bytes) -> list[dict[str, str]]:
    path = tmp_path / "a.xml"
    path.write_bytes(body)
    return [dict(row.fields) for row in read_khs(path)]


def test_each_item_of_a_list_is_a_row(tmp_path: Path) -> None:
    first, second = read(tmp_path, KHS_LIST)
    assert first["ccbaMnm1"] == "서울 숭례문"
    assert (first["longitude"], first["latitude"]) == ("126.975312652739", "37.559975221378")
    assert second["longitude"] == "0"
    assert "totalCnt" in first
    assert khs_total(KHS_LIST, 2) == 2
    assert khs_total(b"<result/>", 7) == 7


def test_a_number_that_lost_its_zeros_has_thirteen_digits_again(tmp_path: Path) -> None:
    assert [row["ccbaAsno"] for row in read(tmp_path, KHS_LIST)] == ["0000010000000", "0000020000000"]


def test_a_detail_has_its_keys_and_its_position_beside_the_item(tmp_path: Path) -> None:
    (row,) = read(tmp_path, KHS_DETAIL)
    assert (row["ccbaKdcd"], row["longitude"]) == ("11", "126.975312652739")
    assert (row["gcodeName"], row["ccbaAsdt"]) == ("유적건조물", "19621220")
    assert row["content"].startswith("조선시대 한양도성의 정문")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "no XML"),
        (b"<result><item>", "no XML"),
        (b'{"a": 1}', "no XML"),
        (b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>', "declares a document type or entities"),
        (
            b'<!DOCTYPE r [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]><r><item><x>&b;</x></item></r>',
            "declares a document type or entities",
        ),
        (b"<a>" * (DEEPEST + 1), f"more than {DEEPEST} deep"),
        (b"<r><item>" + b"<a/>" * MOST_ELEMENTS, f"more than {MOST_ELEMENTS} elements"),
        (b'<?xml version="1.0" encoding="klingon"?><r/>', "no XML"),
    ],
)
def test_what_is_no_list_or_would_burst_is_refused_in_one_line(
    tmp_path: Path, body: bytes, said: str
) -> None:
    with pytest.raises(InputError, match=said) as caught:
        read(tmp_path, body)
    assert "\n" not in str(caught.value)


def test_an_item_is_let_go_when_the_next_is_read() -> None:
    import io

    body = b"<r>" + b"<item><a>1</a></item>" * (MOST_ELEMENTS // 2 + 10) + b"</r>"
    assert sum(1 for _ in khs_rows(io.BytesIO(body), "r")) == MOST_ELEMENTS // 2 + 10
