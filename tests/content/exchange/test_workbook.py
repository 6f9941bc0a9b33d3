from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from smap.content.exchange.workbook import read_xlsx
from smap.errors import InputError
from tests.content.exchange.files import workbook


def written(path: Path, *rows: list[Any], sheet: str = "목록") -> Path:
    book = openpyxl.Workbook()
    book.active.title = "앞"
    book.active.append(["other"])
    for row in rows:
        (book[sheet] if sheet in book.sheetnames else book.create_sheet(sheet)).append(row)
    book.save(path)
    return path


def read(path: Path, sheet: str | None = None) -> list[dict[str, str]]:
    return [dict(row.fields) for row in read_xlsx(path, sheet)]


def test_cells_of_every_kind_are_texts(tmp_path: Path) -> None:
    row = [7, 126.9759, "종묘", dt.datetime(2024, 3, 1), dt.datetime(2024, 3, 1, 9, 30), True, None, 1e15]
    path = written(tmp_path / "a.xlsx", list("abcdefgh"), row)
    day, time = "2024-03-01", "2024-03-01 09:30:00"
    texts = ["7", "126.9759", "종묘", day, time, "true", "", "1000000000000000"]
    assert read(path, "목록") == [dict(zip("abcdefgh", texts, strict=True))]


def test_the_first_sheet_is_read_and_a_wrong_name_tells_those_there(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", ["name"], ["종묘"])
    assert read(path) == []
    with pytest.raises(InputError, match="no sheet '없음'; it has 앞, 목록"):
        read(path, "없음")


def test_a_row_far_below_and_a_cell_far_to_the_right_take_no_room(tmp_path: Path) -> None:
    cell = '<c r="{0}" t="inlineStr"><is><t>{1}</t></is></c>'
    far = f'<row r="1">{cell.format("A1", "name")}</row><row r="9000">{cell.format("A9000", "가")}'
    path = workbook(tmp_path / "a.xlsx", far + f"{cell.format('XFD9000', '나')}</row>")
    assert read(path) == [{"name": "가"}]


def test_more_lines_than_a_sheet_can_have_are_refused(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="99999999999"><c r="A99999999999"><v>1</v></c></row>'
    )
    with pytest.raises(InputError, match=r"more than 1048576 lines|no XLSX"):
        read(workbook(tmp_path / "a.xlsx", rows))


def test_a_workbook_that_unpacks_to_too_much_is_refused_unopened(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", "", xl__more=b" " * (129 * 1024**2))
    assert path.stat().st_size < 1_000_000
    with pytest.raises(InputError, match="would unpack to 129 MB: 128 MB is the most"):
        read(path)
    styles = workbook(tmp_path / "b.xlsx", "", xl__styles=b"<xf/>" * 1_000_000)
    with pytest.raises(InputError, match=r"its part 'xl/styles\.xml' has 4 MB"):
        read(styles)


def test_entities_in_a_workbook_are_not_expanded(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", "")
    bomb = (
        b'<!DOCTYPE a [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><worksheet><sheetData>&b;</sheetData></worksheet>'
    )
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("xl/worksheets/sheet1.xml", bomb)
    with pytest.raises(InputError, match=r"EntitiesForbidden|no XLSX") as caught:
        read(path)
    assert "\n" not in str(caught.value)


def test_a_sheet_with_too_many_columns_is_refused(tmp_path: Path) -> None:
    assert len(read(written(tmp_path / "a.xlsx", list(range(512)), [1]), "목록")[0]) == 512
    with pytest.raises(InputError, match="more than 512 columns"):
        read(written(tmp_path / "b.xlsx", list(range(513)), [1]), "목록")


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04", b"no,name\n1,a\n"])
def test_what_is_no_workbook_is_refused(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(body)
    with pytest.raises(InputError, match="no zip file"):
        read(path)


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "b")
    with pytest.raises(InputError, match="no XLSX workbook"):
        read(path)
