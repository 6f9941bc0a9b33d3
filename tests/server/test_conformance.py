"""One test for each conformance class that is declared, named as the class."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from smap.geo.crs import from_lonlat, parse_crs
from smap.server.features import CONFORMANCE
from tests.server.openapi import structure_faults

ITEMS = "/api/collections/heritage/items"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
LON, LAT = 126.97530, 37.55998
"""Sungnyemun of the tests' city."""


_DASHED = {name: name.replace("_", "-") for name in ("bbox_crs", "filter_crs", "filter_lang")}


def asked(client: TestClient, **parameters: str) -> list[str]:
    """The ids that are found."""
    answer = client.get(ITEMS, params={_DASHED.get(name, name): text for name, text in parameters.items()})
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


def refused(client: TestClient, **parameters: str) -> str:
    answer = client.get(ITEMS, params={_DASHED.get(name, name): text for name, text in parameters.items()})
    assert answer.status_code == 400, answer.text
    return str(answer.json()["message"])


BOTH, SOUTH, EAST, NONE = ["heunginjimun", "sungnyemun"], ["sungnyemun"], ["heunginjimun"], list[str]()


def test_every_declared_class_has_a_test() -> None:
    tests = set(globals())
    for uri in CONFORMANCE:
        part, name = uri.split("/")[4], uri.split("/")[-1]
        assert f"test_{part}_{name}".replace("-", "_") in tests


def test_ogcapi_features_1_core(client: TestClient) -> None:
    """In short: what there is leads on, paging tells how many, the unknown is refused."""
    assert client.get("/api/conformance").json()["conformsTo"] == list(CONFORMANCE)
    page = client.get(f"{ITEMS}?limit=1&bbox=126,37,128,38").json()
    assert (page["numberMatched"], page["numberReturned"]) == (2, 1)
    assert {link["rel"] for link in page["links"]} == {"self", "alternate", "collection", "next"}
    assert client.get(f"{ITEMS}?unknown=1").status_code == 400
    assert client.get(f"{ITEMS}/nothing").status_code == 404


def test_ogcapi_features_1_oas30(client: TestClient) -> None:
    document = client.get("/api/openapi").json()
    assert list(structure_faults(document)) == []
    for operations in document["paths"].values():
        for operation in operations.values():
            assert all(parameter["description"] for parameter in operation["parameters"])


def test_ogcapi_features_1_geojson(client: TestClient) -> None:
    for path, kind in ((ITEMS, "FeatureCollection"), (f"{ITEMS}/sungnyemun", "Feature")):
        answer = client.get(path)
        assert answer.headers["content-type"] == "application/geo+json"
        assert answer.json()["type"] == kind


@pytest.mark.parametrize(
    "path",
    [
        *("", "/conformance", "/openapi", "/collections", "/collections/heritage"),
        *("/collections/heritage/schema", "/collections/heritage/queryables"),
        *("/collections/heritage/items", "/collections/heritage/items/sungnyemun"),
    ],
)
def test_ogcapi_features_1_html(client: TestClient, path: str) -> None:
    for answer in (
        client.get(f"/api{path}?f=html"),
        client.get(f"/api{path}", headers={"accept": "text/html"}),
    ):
        assert answer.headers["content-type"].startswith("text/html")
        assert "</h1>" in answer.text


def test_ogcapi_features_2_crs(client: TestClient) -> None:
    """Each system that a collection lists; its axes in the order of the EPSG registry."""
    collection = client.get("/api/collections/heritage").json()
    assert collection["storageCrs"] == collection["crs"][0] == CRS84
    assert client.get("/api/collections").json()["crs"] == collection["crs"]
    for uri in collection["crs"]:
        for path in (ITEMS, f"{ITEMS}/sungnyemun"):
            answer = client.get(path, params={"crs": uri})
            assert answer.headers["content-crs"] == f"<{uri}>"
        found = np.array(answer.json()["geometry"]["coordinates"])
        assert found == pytest.approx(expected(uri), abs=0.0006 if found.max() > 180 else 1e-8)
        low, high = found - 1e-3, found + 1e-3
        box = ",".join(f"{value:.6f}" for value in (*low, *high))
        assert asked(client, bbox=box, bbox_crs=uri) == SOUTH
    assert "EPSG/0/5186" in refused(client, crs=f"{EPSG}2097")
    assert "bbox-crs" in refused(client, bbox="1,2,3,4", bbox_crs="EPSG:4326")
    assert "north first" in refused(client, bbox="126,37,128,38", bbox_crs=f"{EPSG}4326")


NORTH_FIRST = {"4326", "5179", "5186", "5174"}
"""EPSG registry v12: axes of the coordinate systems 6422 and 4530; Web Mercator (4499) is east first."""


def expected(uri: str) -> list[float]:
    """By the grid's own formulas, the order of axes from the registry as written above."""
    code = uri.rsplit("/", 1)[1]
    if code == "CRS84":
        return [LON, LAT]
    x, y = from_lonlat(parse_crs(f"EPSG:{code}"), np.radians([LON]), np.radians([LAT]))
    return [float(y[0]), float(x[0])] if code in NORTH_FIRST else [float(x[0]), float(y[0])]


def test_ogcapi_features_3_queryables(client: TestClient) -> None:
    link = next(
        entry
        for entry in client.get("/api/collections/heritage").json()["links"]
        if entry["rel"] == "http://www.opengis.net/def/rel/ogc/1.0/queryables"
    )
    answer = client.get(link["href"])
    told = answer.json()
    assert answer.headers["content-type"] == link["type"] == "application/schema+json"
    assert told["$id"] == link["href"]
    assert told["type"] == "object"
    assert told["properties"]["category"]["enum"]
    assert told["properties"]["geometry"]["format"] == "geometry-any"
    assert {"facts", "media", "eras"}.isdisjoint(told["properties"])
    for name in told["properties"]:
        if name != "geometry":
            assert client.get(ITEMS, params={"filter": f"{name} IS NULL"}).status_code == 200


def test_ogcapi_features_3_queryables_query_parameters(client: TestClient) -> None:
    assert asked(client, category="gate", position_accuracy_m="10") == BOTH
    assert asked(client, name_en="Sungnyemun") == SOUTH
    assert asked(client, id="sungnyemun", source_date="2026-05-01") == SOUTH
    assert asked(client, movable="true") == NONE
    for name, value in (("position_accuracy_m", "near"), ("movable", "yes"), ("source_date", "soon")):
        message = refused(client, **{name: value})
        assert name in message
        assert value in message


def test_ogcapi_features_3_filter(client: TestClient) -> None:
    assert asked(client, filter="category='gate'", filter_lang="cql2-text") == BOTH
    assert "known: id, updated, geometry, name_ko" in refused(client, filter="nope = 1")
    message = refused(client, filter="position_accuracy_m = 'near'")
    assert message == "filter: position_accuracy_m is a number, 'near' is a text"
    assert "filter-lang" in refused(client, filter="true", filter_lang="cql")


def test_ogcapi_features_3_features_filter(client: TestClient) -> None:
    """Filters join with the other parameters, and with paging."""
    assert asked(client, filter="category='gate'", bbox="126.97,37.55,126.98,37.57") == SOUTH
    assert asked(client, filter="category='gate'", limit="1", offset="1") == SOUTH
    box = "S_INTERSECTS(geometry, BBOX(37.55, 126.97, 37.57, 126.98))"
    assert asked(client, filter=box, filter_crs=f"{EPSG}4326") == SOUTH
    turned = box.replace("37.55, 126.97, 37.57, 126.98", "126.97, 37.55, 126.98, 37.57")
    assert asked(client, filter=turned) == SOUTH


def test_cql2_cql2_text(client: TestClient) -> None:
    assert asked(client, filter="""category = 'gate' and "name_en" <> 'it''s' AND NOT (id='x')""") == BOTH
    assert "from character 12 on, at the end" in refused(client, filter="category = ")


def test_cql2_cql2_json(client: TestClient) -> None:
    tree: Any = {"op": "=", "args": [{"property": "name_en"}, "Sungnyemun"]}
    assert asked(client, filter=json.dumps(tree), filter_lang="cql2-json") == SOUTH
    assert asked(client, filter=json.dumps({"op": "not", "args": [tree]}), filter_lang="cql2-json") == EAST
    assert "CQL2 JSON" in refused(client, filter="category='gate'", filter_lang="cql2-json")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("name_en = 'Sungnyemun'", SOUTH),
        ("name_en <> 'Sungnyemun'", EAST),
        ("name_en < 'I'", EAST),
        ("name_en > 'I'", SOUTH),
        ("position_accuracy_m <= 10", BOTH),
        ("position_accuracy_m >= 10.5", NONE),
        ("name_hanja IS NULL", EAST),
        ("name_hanja IS NOT NULL", SOUTH),
        ("name_hanja = '崇禮門' OR id = 'heunginjimun'", BOTH),
        ("NOT name_hanja = '崇禮門'", NONE),  # of a NULL neither it nor its contrary holds
        ("NOT (name_hanja = 'x' AND id = 'nothing')", BOTH),  # NULL and false is false
        ("id = 'sungnyemun' OR name_hanja = 'x' AND id = 'heunginjimun'", SOUTH),
        ("source_date = DATE('2026-05-01')", BOTH),
        ("updated < TIMESTAMP('2026-05-01T12:00:00Z')", NONE),
        ("updated >= TIMESTAMP('2026-05-01T21:00:00+09:00')", BOTH),
        ("position_approximate = true", NONE),
        ("true", BOTH),
        ("false", NONE),
    ],
)
def test_cql2_basic_cql2(client: TestClient, text: str, found: list[str]) -> None:
    assert asked(client, filter=text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("name_en LIKE 'S%'", SOUTH),
        ("name_en LIKE 's%'", NONE),
        ("name_en LIKE '_ungnyemu_'", SOUTH),
        ("name_en LIKE '*'", NONE),
        ("name_en LIKE '[A-Z]%'", NONE),
        (r"name_en LIKE 'S\%'", NONE),
        ("name_en NOT LIKE 'S%'", EAST),
        ("position_accuracy_m BETWEEN 5 AND 10 AND id = 'sungnyemun'", SOUTH),
        ("position_accuracy_m NOT BETWEEN 5 AND 10", NONE),
        ("source_date BETWEEN DATE('2026-01-01') AND DATE('2026-12-31')", BOTH),
        ("id IN ('sungnyemun', 'nothing')", SOUTH),
        ("id NOT IN ('sungnyemun', 'nothing')", EAST),
        ("position_accuracy_m IN (9, 10)", BOTH),
    ],
)
def test_cql2_advanced_comparison_operators(client: TestClient, text: str, found: list[str]) -> None:
    assert asked(client, filter=text) == found


def test_cql2_case_insensitive_comparison(client: TestClient) -> None:
    assert asked(client, filter="CASEI(name_en) = casei('SUNGNYEMUN')") == SOUTH
    assert asked(client, filter="CASEI(name_en) LIKE CASEI('sUNG%')") == SOUTH
    assert asked(client, filter="CASEI(name_en) IN (CASEI('SUNGNYEMUN'))") == SOUTH


def test_cql2_basic_spatial_functions(client: TestClient) -> None:
    assert asked(client, filter="S_INTERSECTS(geometry, BBOX(126.97,37.55,126.98,37.57))") == SOUTH
    assert asked(client, filter="NOT S_INTERSECTS(geometry, BBOX(126.97,37.55,126.98,37.57))") == EAST
    assert asked(client, filter=f"S_INTERSECTS(geometry, POINT({LON} {LAT}))") == SOUTH
    assert asked(client, filter="S_INTERSECTS(geometry, POINT(127 37))") == NONE
    two = (
        "S_INTERSECTS(geometry,BBOX(126.9,37.5,127,37.6)) OR S_INTERSECTS(geometry,BBOX(127,37.5,127.1,37.6))"
    )
    assert asked(client, filter=two) == BOTH


def test_cql2_basic_spatial_functions_plus(client: TestClient) -> None:
    about = "(126.97 37.55, 126.98 37.55, 126.98 37.57, 126.97 37.57, 126.97 37.55)"
    west, south, east, north = LON - 1e-4, LAT - 1e-4, LON + 1e-4, LAT + 1e-4
    hole = f"({west} {south}, {east} {south}, {LON} {north}, {west} {south})"
    assert asked(client, filter=f"S_INTERSECTS(geometry, POLYGON({about}))") == SOUTH
    assert asked(client, filter=f"S_INTERSECTS(geometry, POLYGON({about}, {hole}))") == NONE
    assert asked(client, filter=f"NOT S_INTERSECTS(geometry, POLYGON({about}))") == EAST
    assert asked(client, filter=f"S_INTERSECTS(geometry, LINESTRING(126.9 {LAT}, 127.1 {LAT}))") == SOUTH
    assert (
        asked(
            client, filter=f"S_INTERSECTS(geometry, MULTILINESTRING((1 2, 3 4), (126.9 {LAT}, 127.1 {LAT})))"
        )
        == SOUTH
    )
    for points in (f"({LON} {LAT}), (127 37)", f"{LON} {LAT}, 127 37"):
        assert asked(client, filter=f"S_INTERSECTS(MULTIPOINT({points}), geometry)") == SOUTH
    far = "((1 2, 3 4, 3 2, 1 2))"
    assert asked(client, filter=f"S_INTERSECTS(geometry, MULTIPOLYGON({far}, ({about})))") == SOUTH
    swapped = "(37.55 126.97, 37.55 126.98, 37.57 126.98, 37.57 126.97, 37.55 126.97)"
    latitude_first = {"filter_crs": "http://www.opengis.net/def/crs/EPSG/0/4326"}
    assert asked(client, filter=f"S_INTERSECTS(geometry, POLYGON({swapped}))", **latitude_first) == SOUTH
    # a square of 1,800 m about the place in the Korean grid, north first
    x, y = 551_163, 197_817
    grid = {"filter_crs": "http://www.opengis.net/def/crs/EPSG/0/5186"}
    south, west, north, east = x - 900, y - 900, x + 900, y + 900
    square = f"{south} {west}, {south} {east}, {north} {east}, {north} {west}, {south} {west}"
    assert asked(client, filter=f"S_INTERSECTS(geometry, POLYGON(({square})))", **grid) == SOUTH
    assert "Self-intersection" in refused(
        client, filter="S_INTERSECTS(geometry, POLYGON((0 0, 2 2, 2 0, 0 2, 0 0)))"
    )


def test_cql2_property_property(client: TestClient) -> None:
    assert asked(client, filter="position_date = source_date AND name_en <> name_ko") == BOTH
    assert asked(client, filter="'Sungnyemun' = name_en") == SOUTH
    assert "is a number" in refused(client, filter="position_accuracy_m = name_en")
