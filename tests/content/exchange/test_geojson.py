from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from smap.content.exchange.geojson import geojson_of, read_geojson
from smap.content.record import Record
from smap.errors import InputError
from tests.content.samples import place

SOUND = json.dumps({"type": "FeatureCollection", "features": [place()]}, ensure_ascii=False).encode()


@pytest.mark.parametrize("body", [SOUND, b"\xef\xbb\xbf" + SOUND, gzip.compress(SOUND)])
def test_plain_marked_and_packed_files_are_read(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "places.geojson"
    path.write_bytes(body)
    assert read_geojson(path) == [place()]


def test_a_single_feature_is_read(tmp_path: Path) -> None:
    path = tmp_path / "place.geojson"
    path.write_text(json.dumps(place()))
    assert read_geojson(path) == [place()]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "no JSON: line 1"),
        (b'{"type": "FeatureCollection", "features": [', "no JSON: line 1"),
        (b"[]", "holds no object"),
        (b'{"type": "FeatureCollection"}', "no list of features"),
        (b'{"features": {}}', "no list of features"),
        (b"[" * 100_000, "no JSON"),
        (b'{"features": [], "a": ' + b"9" * 5000 + b"}", "no JSON"),
        ("종묘".encode("cp949"), "is not utf-8"),
        (gzip.compress(SOUND)[:-20], "damaged gzip"),
        (b'{"features": [], "crs": {"properties": {"name": "urn:ogc:def:crs:EPSG::5186"}}}', "EPSG::5186"),
        (b'{"features": [], "crs": 5}', "CRS"),
    ],
)
def test_what_is_no_geojson_is_refused_in_one_line(tmp_path: Path, body: bytes, said: str) -> None:
    path = tmp_path / "places.geojson"
    path.write_bytes(body)
    with pytest.raises(InputError, match=said) as caught:
        read_geojson(path)
    assert "\n" not in str(caught.value)
    assert "places.geojson" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*absent\.geojson"):
        read_geojson(tmp_path / "absent.geojson")


def test_records_are_written_one_a_line_in_their_own_script() -> None:
    feature = place()
    at = datetime(2026, 1, 1, tzinfo=UTC)
    record = Record("heritage", "a", 3, "published", feature["geometry"], feature["properties"], at)
    body = geojson_of([record, record], revisions=True).decode()
    assert len(body.splitlines()) == 4
    assert "종묘" in body
    assert [found["revision"] for found in json.loads(body)["features"]] == [3, 3]
    assert "revision" not in json.loads(geojson_of([record]))["features"][0]
