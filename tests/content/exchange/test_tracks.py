from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from smap.content.exchange.row import Row
from smap.content.exchange.tracks import read_gpx, read_kml
from smap.errors import InputError

GPX = """<?xml version="1.0"?><gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1">
<metadata><name>whole</name></metadata>
<wpt lat="37.56" lon="126.97"><ele>30</ele><name>숭례문</name><link href="https://a.kr"/></wpt>
<rte><name>route</name><rtept lat="37.5" lon="127.0"/><rtept lat="37.6" lon="127.1"/></rte>
<trk><name>track</name><trkseg><trkpt lat="37.5" lon="127.0"><ele>1</ele></trkpt>
<trkpt lat="37.6" lon="127.1"/></trkseg><trkseg><trkpt lat="37.7" lon="127.2"/></trkseg></trk>
<trk><name>two</name><trkseg><trkpt lat="37.5" lon="127.0"/><trkpt lat="37.6" lon="127.1"/></trkseg>
<trkseg><trkpt lat="37.5" lon="127.2"/><trkpt lat="37.6" lon="127.3"/></trkseg></trk>
<trk><name>none</name></trk></gpx>"""
LINE = [[127.0, 37.5], [127.1, 37.6]]


def test_waypoints_routes_and_tracks_are_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.gpx"
    path.write_text(GPX)
    rows = list(read_gpx(path))
    assert [row.fields["name"] for row in rows] == ["숭례문", "route", "track", "two", "none"]
    assert [row.fields["kind"] for row in rows] == ["wpt", "rte", "trk", "trk", "trk"]
    assert rows[0].fields["link"] == "https://a.kr"
    assert [row.geometry for row in rows] == [
        {"type": "Point", "coordinates": [126.97, 37.56]},
        {"type": "LineString", "coordinates": LINE},
        {"type": "LineString", "coordinates": LINE},
        {"type": "MultiLineString", "coordinates": [LINE, [[127.2, 37.5], [127.3, 37.6]]]},
        None,
    ]


def kml(body: str) -> str:
    return f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>doc</name>{body}</Document></kml>'


def read(tmp_path: Path, body: str) -> list[Row]:
    path = tmp_path / "a.kml"
    path.write_text(kml(body))
    return list(read_kml(path))


RING = "127,37.5,0 127.1,37.5,0 127.1,37.6,0 127,37.5,0"
PLAIN_RING = [[127.0, 37.5], [127.1, 37.5], [127.1, 37.6], [127.0, 37.5]]


@pytest.mark.parametrize(
    ("shape", "geometry"),
    [
        ("<Point><coordinates>127,37.5,10</coordinates></Point>", ("Point", [127.0, 37.5])),
        ("<LineString><coordinates>\n127,37.5 127.1,37.6\n</coordinates></LineString>", ("LineString", LINE)),
        (
            f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{RING}</coordinates></LinearRing>"
            "</outerBoundaryIs></Polygon>",
            ("Polygon", [PLAIN_RING]),
        ),
        (
            "<MultiGeometry><Point><coordinates>127,37</coordinates></Point>"
            "<Point><coordinates>128,38</coordinates></Point></MultiGeometry>",
            ("MultiPoint", [[127.0, 37.0], [128.0, 38.0]]),
        ),
        (
            "<Model><Location><longitude>127.17</longitude><latitude>37.6</latitude></Location></Model>",
            ("Point", [127.17, 37.6]),
        ),
        ("<Point><coordinates/></Point>", ("Point", None)),
        ("<Point><coordinates>a,b</coordinates></Point>", ("Point", None)),
    ],
)
def test_shapes_of_placemarks_are_read(tmp_path: Path, shape: str, geometry: tuple[str, Any]) -> None:
    (row,) = read(tmp_path, f"<Placemark>{shape}</Placemark>")
    assert row.geometry == {"type": geometry[0], "coordinates": geometry[1]}


def test_mixed_shapes_and_none_are_no_geometry(tmp_path: Path) -> None:
    point = "<Point><coordinates>127,37</coordinates></Point>"
    mixed = f"{point}<LineString><coordinates>1,2</coordinates></LineString>"
    rows = read(tmp_path, f"<Placemark><MultiGeometry>{mixed}</MultiGeometry></Placemark><Placemark/>")
    assert [row.geometry for row in rows] == [None, None]


def test_names_folders_and_extended_data_are_fields(tmp_path: Path) -> None:
    data = '<ExtendedData><Data name="번호"><value>7</value></Data><SchemaData><SimpleData name="갈래">문'
    inner = f"<name>숭례문</name><description><![CDATA[<b>글</b>]]></description>{data}"
    closed = f"<Placemark>{inner}</SimpleData></SchemaData></ExtendedData></Placemark>"
    (row,) = read(tmp_path, f"<Folder><name>성문</name>{closed}</Folder>")
    fields = {"folder": "성문", "name": "숭례문", "description": "<b>글</b>", "번호": "7", "갈래": "문"}
    assert row.fields == fields


def test_a_kmz_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.kmz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("files/a.png", b"")
        archive.writestr("doc.kml", kml("<Placemark><name>a</name></Placemark>"))
    assert [row.fields["name"] for row in read_kml(path)] == ["a"]


def test_a_kmz_that_unpacks_to_too_much_or_holds_no_kml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.kmz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("doc.kml", "w") as inner:
        for _ in range(257):
            inner.write(b" " * 1024**2)
    with pytest.raises(InputError, match="would unpack to 257 MB"):
        list(read_kml(path))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(InputError, match=r"holds no \.kml"):
        list(read_kml(path))


def test_entities_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    path.write_text('<!DOCTYPE kml [<!ENTITY a "b">]>' + kml("<Placemark><name>&a;</name></Placemark>"))
    with pytest.raises(InputError, match="declares a document type or entities"):
        list(read_kml(path))


@pytest.mark.real
def test_a_model_of_the_real_data_lies_where_it_is_placed(seoul_data: Path) -> None:
    (row,) = read_kml(seoul_data / "models" / "kml_dae" / "a_bd001.kml")
    assert row.geometry == {"type": "Point", "coordinates": [127.1719337, 37.62362101]}
