"""Answers of Overpass."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from smap.errors import InputError
from smap.scene.shapes import as_shapes
from smap.sources.drafts import layers_recipe
from smap.sources.inspect import inspect_vector
from smap.sources.vector import FeatureChunk, VectorSpec, read_features

LON, LAT = 126.9779, 37.5665  # the City Hall; shapes about it are made up
STEP = 0.0001

Element = dict[str, Any]


def places(*corners: tuple[float, float]) -> list[dict[str, float]]:
    return [{"lat": LAT + y * STEP, "lon": LON + x * STEP} for x, y in corners]


def square(x: float, y: float, side: float = 1.0) -> list[tuple[float, float]]:
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]


def way(number: int, corners: list[tuple[float, float]], **tags: str) -> Element:
    return {"type": "way", "id": number, "geometry": places(*corners), "tags": tags}


def outer(corners: list[tuple[float, float]]) -> Element:
    return {"type": "way", "ref": 1, "role": "outer", "geometry": places(*corners)}


def answer(path: Path, *elements: Element, **more: Any) -> Path:
    document = {"version": 0.6, "generator": "Overpass API", **more, "elements": list(elements)}
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def read(path: Path) -> FeatureChunk:
    (chunk,) = read_features(VectorSpec(path, preset="osm"))
    return chunk


def areas(chunk: FeatureChunk) -> list[float]:
    """In squares of STEP."""
    return [round(float(shapely.area(s)) / np.radians(STEP) ** 2, 3) for s in as_shapes(chunk.footprints)]


def test_ways_with_their_geometry_are_buildings_with_their_tags(tmp_path: Path) -> None:
    tags = {
        "building": "house",
        "name": "한옥",
        "roof:shape": "gabled",
        "roof:height": "1.5 m",
        "height": "6",
    }
    chunk = read(
        answer(tmp_path / "a.json", way(7, square(0, 0), **tags), way(8, square(2, 0), highway="service"))
    )
    assert chunk.columns["id"].tolist() == ["way/7"]
    assert (chunk.columns["name"][0], chunk.columns["height"][0]) == ("한옥", 6.0)
    assert (chunk.columns["roof_shape"][0], chunk.columns["roof_height"][0]) == ("gabled", 1.5)
    assert areas(chunk) == [1.0]
    corners = np.degrees(chunk.footprints.lonlat)
    assert corners.min(axis=0) == pytest.approx([LON, LAT], abs=1e-9)


def test_ways_of_nodes_that_stand_beside_them_are_the_same(tmp_path: Path) -> None:
    nodes = [{"type": "node", "id": i, **place} for i, place in enumerate(places(*square(0, 0)[:4]))]
    plain = {"type": "way", "id": 7, "nodes": [0, 1, 2, 3, 0], "tags": {"building": "yes"}}
    assert areas(read(answer(tmp_path / "a.json", plain, *nodes))) == [1.0]


def test_a_relation_joins_its_ways_and_cuts_out_what_is_inner(tmp_path: Path) -> None:
    ring = square(0, 0, 4)
    members = [
        {"type": "way", "ref": 1, "role": "outer", "geometry": places(*ring[:3])},
        {"type": "way", "ref": 2, "role": "outer", "geometry": places(*ring[2:][::-1])},
        {"type": "way", "ref": 3, "role": "inner", "geometry": places(*square(1, 1))},
        {"type": "way", "ref": 4, "role": "outer", "geometry": places(*square(9, 0))},
    ]
    relation = {
        "type": "relation",
        "id": 5,
        "members": members,
        "tags": {"type": "multipolygon", "building": "yes"},
    }
    chunk = read(answer(tmp_path / "a.json", relation))
    assert chunk.columns["id"].tolist() == ["relation/5"]
    assert areas(chunk) == [16.0]
    assert len(chunk.footprints.polygons) - 1 == 2


def test_a_relation_of_a_building_says_whose_its_parts_are(tmp_path: Path) -> None:
    members = [{"type": "way", "ref": 1, "role": "outline"}, {"type": "way", "ref": 2, "role": "part"}]
    chunk = read(
        answer(
            tmp_path / "a.json",
            way(1, square(0, 0), building="yes"),
            way(2, square(0, 0, 0.5), **{"building:part": "yes", "min_height": "3"}),
            {"type": "relation", "id": 5, "members": members, "tags": {"type": "building"}},
        )
    )
    assert chunk.columns["part_of"].tolist() == [None, "way/1"]
    assert chunk.columns["part"].tolist() == [None, "yes"]
    assert chunk.columns["min_height"].tolist()[1] == 3.0


def test_what_has_no_outline_is_counted_and_named(tmp_path: Path) -> None:
    cut = way(2, square(2, 0), building="yes")
    cut["geometry"][1] = None
    chunk = read(
        answer(
            tmp_path / "a.json",
            way(1, square(0, 0), building="yes"),
            cut,
            {"type": "way", "id": 3, "nodes": [11, 12, 13, 11], "tags": {"building": "yes"}},
            way(4, square(4, 0)[:4], building="yes"),
        )
    )
    assert chunk.read == 4
    assert chunk.dropped == {"missing_node": 2, "unclosed_ring": 1}
    assert len(chunk.footprints) == 1
    assert "way/2, way/3" in chunk.warnings[0]
    assert "way/4" in chunk.warnings[1]


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ([{"type": "way", "ref": 99, "role": "outer"}], "missing_node"),  # the way is not in the answer
        ([], "missing_node"),
        ([outer(square(0, 0)[:3])], "unclosed_ring"),
        ([outer(square(0, 0)[:2]), outer([(5.0, 5.0), (6.0, 6.0)])], "unclosed_ring"),
        ([outer([(0.0, 0.0), (1.0, 0.0), (0.0, 0.0)])], "unclosed_ring"),  # there and back again
    ],
)
def test_a_relation_without_a_sound_ring_is_counted(members: list[Element], why: str, tmp_path: Path) -> None:
    tags = {"type": "multipolygon", "building": "yes"}
    relation = {"type": "relation", "id": 5, "members": members, "tags": tags}
    chunk = read(answer(tmp_path / "a.json", way(1, square(8, 0), building="yes"), relation))
    assert chunk.dropped == {why: 1}
    assert len(chunk.footprints) == 1


def test_a_place_that_is_no_number_is_refused_with_it(tmp_path: Path) -> None:
    nowhere = way(1, square(0, 0), building="yes")
    nowhere["geometry"][2]["lat"] = math.nan
    with pytest.raises(InputError, match=r"damaged answer of Overpass.*nan"):
        read(answer(tmp_path / "a.json", nowhere))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"generator": "Overpass API", "elements": [{"type": "way", ', "truncated or damaged"),
        (
            '{"generator": "Overpass API", "remark": "runtime error: Query timed out", "elements": []}',
            "did not finish",
        ),
        ('{"generator": "Overpass API", "elements": {}}', "a list of elements"),
        ('{"generator": "Overpass API", "elements": [{"id": 1}]}', "damaged answer"),
        (
            '{"generator": "Overpass API", "elements": [{"type":"node","id":1,"lat":"x","lon":1}]}',
            "damaged answer",
        ),
        ('{"generator": "Overpass API", "elements": []}', "holds no features"),
    ],
)
def test_a_broken_answer_is_refused_in_one_line(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said) as error:
        read(path)
    assert "\n" not in str(error.value)


def test_inspection_tells_what_it_is_and_drafts_a_recipe(tmp_path: Path) -> None:
    path = answer(tmp_path / "a.json", way(7, square(0, 0), building="house"))
    info = inspect_vector(path)
    assert (info.format, info.preset, info.count) == ("Overpass", "osm", 1)
    assert 'preset = "osm"' in layers_recipe([info])


def test_a_packed_answer_is_read_too(tmp_path: Path) -> None:
    plain = answer(tmp_path / "a.json", way(7, square(0, 0), building="house"))
    packed = tmp_path / "b.json.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert areas(read(packed)) == [1.0]
