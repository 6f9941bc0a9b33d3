"""CityJSON: made by the tests, a house as a block, with a gable, in parts and as lines; and real files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely

from smap.cli.main import main
from smap.errors import CrsError, InputError, RecipeError
from smap.sources.inspect import inspect_vector
from smap.sources.vector import FeatureChunk, VectorSpec, read_features
from tests.sources.files import CITY_HALL

Capture = pytest.CaptureFixture[str]
EAST, NORTH = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:5186", always_xy=True).transform(*CITY_HALL)
SYSTEM = "https://www.opengis.net/def/crs/EPSG/0/5186"
# Faces of a box of eight corners (floor 0 to 3, top 4 to 7), each counter-clockwise seen from outside
BOX = [[3, 2, 1, 0], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]]
KINDS = [{"type": "GroundSurface"}, {"type": "RoofSurface"}, {"type": "WallSurface"}]
Json = dict[str, Any]


def corners(
    west: float = 0.0, *, width: float = 10.0, base: float = 30.0, height: float = 7.0
) -> list[list[int]]:
    """A box's corners in millimetres beside City Hall."""
    floor = [(west, 0.0), (west + width, 0.0), (west + width, 8.0), (west, 8.0)]
    return [[round(1000 * v) for v in (x, y, z)] for z in (base, base + height) for x, y in floor]


def solid(start: int = 0, *, lod: str = "1", kinds: bool = False) -> Json:
    shell = [[[i + start for i in face]] for face in BOX]
    semantics = {"surfaces": KINDS, "values": [[0, 1, 2, 2, 2, 2]]}
    return {"type": "Solid", "lod": lod, "boundaries": [shell], **({"semantics": semantics} if kinds else {})}


def building(*geometry: Json, attributes: Json | None = None, **more: Any) -> Json:
    return {"type": "Building", "geometry": list(geometry), "attributes": attributes or {}, **more}


def document(objects: Json, vertices: list[list[int]], **more: Any) -> Json:
    return {
        "type": "CityJSON",
        "version": "2.0",
        "transform": {"scale": [0.001] * 3, "translate": [EAST, NORTH, 0.0]},
        "metadata": {"referenceSystem": SYSTEM},
        "CityObjects": objects,
        "vertices": vertices,
        **more,
    }


def write(path: Path, *documents: Json) -> Path:
    path.write_text("\n".join(json.dumps(d, ensure_ascii=False) for d in documents), encoding="utf-8")
    return path


def read(path: Path, **options: Any) -> FeatureChunk:
    (chunk,) = read_features(VectorSpec(path, preset="cityjson", **options))
    return chunk


def outline(chunk: FeatureChunk, number: int = 0) -> shapely.Geometry:
    """The footprint of one building in metres from City Hall on EPSG:5186."""
    turn = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:5186", always_xy=True)
    prints = chunk.footprints
    rings = range(*prints.polygons[prints.features[number : number + 2]].tolist())
    found = []
    for ring in rings:
        lonlat = np.degrees(prints.lonlat[prints.rings[ring] : prints.rings[ring + 1]])
        found.append(shapely.Polygon(np.stack(turn.transform(*lonlat.T), axis=1) - [EAST, NORTH]))
    return shapely.union_all(found)


@pytest.mark.parametrize("kinds", [True, False])
@pytest.mark.parametrize("lod", ["1", "1.2", "2", "2.2"])
def test_a_solid_gives_its_floor_and_its_height(lod: str, kinds: bool, tmp_path: Path) -> None:
    attributes = {"storeysAboveGround": 2, "name": "경복궁", "function": "palace", "yearOfConstruction": 1395}
    one = building(solid(lod=lod, kinds=kinds), attributes=attributes)
    found = read(write(tmp_path / "a.city.json", document({"b1": one}, corners())))
    assert found.columns["id"].tolist() == ["b1"]
    assert found.columns["height"].tolist() == [7.0]
    assert found.columns["floors"].tolist() == [2]
    assert (found.columns["name"][0], found.columns["use"][0], found.columns["year_built"][0]) == (
        "경복궁",
        "palace",
        1395,
    )
    # vertices are whole millimetres
    assert outline(found).symmetric_difference(shapely.box(0, 0, 10, 8)).area < 0.05


def test_a_building_that_says_its_height_is_believed(tmp_path: Path) -> None:
    objects = {
        "told": building(solid(), attributes={"measuredHeight": 6.5}),
        "wrong": building(solid(), attributes={"measuredHeight": -1.0}),
    }
    found = read(write(tmp_path / "a.city.json", document(objects, corners())))
    assert found.columns["height"].tolist() == [6.5, 7.0]


def test_the_floor_of_a_gable_is_what_it_calls_ground(tmp_path: Path) -> None:
    ridge = [[5000, -1000, 40000], [5000, 9000, 40000]]
    eaves = [[-1000, -1000, 36000], [-1000, 9000, 36000]]
    geometry = {
        "type": "MultiSurface",
        "lod": "2",
        "boundaries": [[[3, 2, 1, 0]], [[8, 10, 11, 9]]],
        "semantics": {"surfaces": KINDS, "values": [0, 1]},
    }
    found = read(
        write(tmp_path / "a.city.json", document({"b": building(geometry)}, corners() + ridge + eaves))
    )
    assert found.columns["height"].tolist() == [10.0]
    assert outline(found).bounds == pytest.approx((0, 0, 10, 8), abs=0.002)


def test_a_building_with_its_parts_is_one(tmp_path: Path) -> None:
    objects = {
        "b": building(children=["p1", "p2"], attributes={"name": "둘"}),
        "p1": {"type": "BuildingPart", "geometry": [solid()], "parents": ["b"]},
        "p2": {"type": "BuildingPart", "geometry": [solid(8)], "parents": ["b"]},
        "road": {"type": "Road", "geometry": []},
    }
    vertices = corners() + corners(10.0, height=12.0)
    found = read(write(tmp_path / "a.json", document(objects, vertices)))
    assert (found.read, found.columns["id"].tolist(), found.columns["height"].tolist()) == (1, ["b"], [12.0])
    assert outline(found).area == pytest.approx(160.0, abs=0.1)


def test_a_footprint_of_lod_0_wins_over_the_body(tmp_path: Path) -> None:
    plan = {"type": "MultiSurface", "lod": "0", "boundaries": [[[0, 1, 2, 3]]]}
    found = read(
        write(
            tmp_path / "a.city.json",
            document({"b": building(plan, solid(4))}, corners(width=4.0) + corners()[4:] * 2),
        )
    )
    assert outline(found).bounds == pytest.approx((0, 0, 4, 8), abs=0.002)


def test_lines_of_features_are_read_with_the_scale_of_the_first(tmp_path: Path) -> None:
    head = document({}, [])
    lines = [
        {
            "type": "CityJSONFeature",
            "id": f"b{i}",
            "CityObjects": {f"b{i}": building(solid())},
            "vertices": corners(20.0 * i),
        }
        for i in range(3)
    ]
    found = read(write(tmp_path / "a.city.jsonl", head, *lines))
    assert found.columns["id"].tolist() == ["b0", "b1", "b2"]
    assert outline(found, 2).bounds == pytest.approx((40, 0, 50, 8), abs=0.002)


def test_from_inspect_to_a_built_city_without_an_edit(tmp_path: Path, capsys: Capture) -> None:
    objects = {f"b{i}": building(solid(8 * i), attributes={"name": f"집 {i}"}) for i in range(5)}
    vertices = [corner for i in range(5) for corner in corners(20.0 * i)]
    path = write(tmp_path / "town.city.json", document(objects, vertices))
    told = inspect_vector(path)
    assert (told.format, told.preset, told.count, told.geometry) == (
        "CityJSON",
        "cityjson",
        5,
        {"polygon": 5},
    )
    assert main(["inspect", "--recipe", str(path)]) == 0
    recipe = tmp_path / "town.toml"
    recipe.write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["build", str(recipe), "--workspace", str(tmp_path / "var"), "--jobs", "1", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["features_built"] == 5
    assert report["figures"]["heights"] == {"height": 5}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda d: d["vertices"].clear(), "damaged CityJSON: IndexError"),
        (lambda d: d["CityObjects"]["b"]["geometry"][0].update(boundaries=3), "damaged CityJSON: TypeError"),
        (lambda d: d["CityObjects"]["b"].pop("type"), "damaged CityJSON: KeyError"),
        (lambda d: d["CityObjects"]["b"]["geometry"][0]["boundaries"][0][0][0].append(-1), "vertex -1 of 8"),
        (lambda d: d["CityObjects"].clear(), "holds no features"),
    ],
)
def test_damage_is_one_line(spoil: Any, words: str, tmp_path: Path) -> None:
    whole = document({"b": building(solid())}, corners())
    spoil(whole)
    with pytest.raises(InputError, match=words) as caught:
        read(write(tmp_path / "a.city.json", whole))
    assert "\n" not in str(caught.value)


def test_a_cut_file_and_features_without_their_first_line_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.city.json", document({"b": building(solid())}, corners()))
    path.write_text(path.read_text()[:-9])
    with pytest.raises(InputError, match="damaged CityJSON"):
        read(path)
    one = {"type": "CityJSONFeature", "CityObjects": {"b": building(solid())}, "vertices": corners()}
    with pytest.raises(InputError, match="the first line is no CityJSON object"):
        read(write(tmp_path / "b.city.jsonl", one))


def test_without_a_system_the_likely_code_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.city.json", document({"b": building(solid())}, corners(), metadata={}))
    with pytest.raises(CrsError, match=r"EPSG:5186 would put it at 126\.978"):
        read(path)
    assert read(path, crs="EPSG:5186").read == 1


def test_a_condition_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.city.json", document({"b": building(solid())}, corners()))
    with pytest.raises(RecipeError, match="where = is not for CityJSON"):
        read(path, where="height_m > 3")


@pytest.mark.real
def test_real_blocks_of_another_country_are_read_where_they_stand(seoul_data: Path) -> None:
    path = seoul_data / "interop/cityjson/3dbag_sub.city.json"
    with pytest.raises(CrsError, match=r"outside Korea \(124-132 E, 33-39 N\); where that is meant, clip ="):
        read(path)
    found = read(path, clip=(5.0, 51.0, 7.0, 53.0))
    assert (found.read, len(found.footprints), found.dropped) == (26, 26, {})
    height = found.columns["height"].astype(float)
    assert ((height > 1.5) & (height < 15.0)).all()
