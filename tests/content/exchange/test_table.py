from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import Engine

from smap.content.exchange.importing import import_features
from smap.content.exchange.table import csv_of
from smap.content.repository import list_records
from tests.content.samples import ADMIN, NOW, alley, place


def rows(engine: Engine, layer: str) -> list[dict[str, str]]:
    body = csv_of(list_records(engine, layer).records)
    assert body.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", ["=1+1", "+82 2", "-1", "@SUM(A1)", "＝1+1", "＠A1"])
def test_a_text_that_a_spreadsheet_would_run_is_escaped(engine: Engine, text: str) -> None:
    import_features(engine, ADMIN, "heritage", [place(text_en=text)], now=NOW)
    assert rows(engine, "heritage")[0]["text_en"] == f"'{text}"


def test_a_point_stands_in_two_columns_and_a_line_as_geojson(engine: Engine) -> None:
    import_features(engine, ADMIN, "heritage", [place(text_ko='두 줄\n"인용"')], now=NOW)
    import_features(engine, ADMIN, "alleys", [alley()], now=NOW)
    point, line = rows(engine, "heritage")[0], rows(engine, "alleys")[0]
    assert (point["id"], point["lon"], point["lat"], point["geometry"]) == (
        "jongmyo",
        "126.9941",
        "37.5748",
        "",
    )
    assert point["text_ko"] == '두 줄\n"인용"'
    assert line["geometry"].startswith('{"type":"LineString"')
    assert line["lon"] == ""
