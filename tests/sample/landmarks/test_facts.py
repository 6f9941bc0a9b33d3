"""The landmarks' facts: source, date and accuracy of each; held against mapped footprints."""

from __future__ import annotations

import gzip
import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
import shapely

from smap.errors import InputError
from smap.sample.landmarks import outlines
from smap.sample.landmarks.facts import Landmark, outline, read_landmarks
from smap.sample.landmarks.forms import FORMS, build
from tests.conftest import ROOT

FACTS = ROOT / "tiles" / "sample"
LANDMARKS = read_landmarks(FACTS / "landmarks.toml")
DATA = Path(os.environ.get("SMAP_DATA", ROOT.parent / "shared" / "data"))
AREA = (126.94, 37.535, 127.02, 37.605)
LAYERS = ("heritage", "tourism", "wall")
NO_AXIS = {"tent", "pond_tent", "mast_tower", "statue", "pagoda", "shell", "altar"}
# No footprint of their own: N Seoul Tower, DDP, the Blue House, the old City Hall, Seokjojeon are
# missing, the folk museum's hall is missing too, the corridors are a ring, the side
# gates of Gyeongbokgung are parts of its wall; altars, statues and
# the pagoda are no buildings; the lost gates are gone.
UNMAPPED = {
    "n-seoul-tower",
    "ddp",
    "cheong-wa-dae",
    "seoul-library",
    "seokjojeon",
    "folk-museum",
    "sajikdan",
    "sejong-statue",
    "yi-sunsin-statue",
    "buyongji",
    "donuimun",
    "souimun",
    "geunjeongjeon-corridors",
    "geonchunmun",
    "yeongchumun",
    "sinmumun",
    "wongaksa-pagoda",
}
# Mapped only in parts or as part of an irregular whole, whose rectangle says nothing of the axis.
AXIS_UNMAPPED = {"bank-of-korea", "myeongdong-cathedral", "samil"}


def test_there_are_at_least_forty_and_the_named_ones_are_among_them() -> None:
    ids = {one.id for one in LANDMARKS}
    assert len(ids) == len(LANDMARKS) >= 40
    assert {
        "gwanghwamun",
        "geunjeongjeon",
        "gyeonghoeru",
        "sungnyemun",
        "heunginjimun",
        "jongmyo-jeongjeon",
    } <= ids
    assert {"n-seoul-tower", "ddp", "jongno-tower", "donuimun", "souimun"} <= ids


@pytest.mark.parametrize("one", LANDMARKS, ids=lambda one: one.id)
def test_each_fact_is_written_whole(one: Landmark) -> None:
    assert AREA[0] < one.lon < AREA[2]
    assert AREA[1] < one.lat < AREA[3]
    assert one.form in FORMS
    assert one.height_basis in {"published", "estimate"}
    assert one.source
    assert one.name
    assert one.name_en
    assert one.year_built
    assert one.date == "2026-11-26"
    assert 0 < one.position_accuracy_m <= 40
    assert -180.0 <= one.heading_deg <= 180.0


def test_few_positions_are_openstreetmap_s() -> None:
    assert sum("OpenStreetMap contributors" in one.source for one in LANDMARKS) <= 10


def test_lost_gates_stand_in_hanyang_alone_and_towers_today_alone() -> None:
    eras = {one.id: one.eras for one in LANDMARKS}
    assert eras["donuimun"] == eras["souimun"] == ("hanyang",)
    assert all(
        eras[name] == ("today",) for name in ("n-seoul-tower", "ddp", "jongno-tower", "seoul-city-hall")
    )
    assert eras["sungnyemun"] == ("today", "hanyang")


def test_every_link_opens_a_record_of_the_content() -> None:
    known = set()
    for layer in LAYERS:
        stored = json.loads((ROOT / "content" / f"{layer}.geojson").read_text(encoding="utf-8"))
        known |= {f"{layer}/{feature['id']}" for feature in stored["features"]}
    assert {one.content for one in LANDMARKS if one.content} <= known


def test_a_landmark_that_a_record_names_as_its_model_opens_that_record() -> None:
    stored = json.loads((ROOT / "content" / "heritage.geojson").read_text(encoding="utf-8"))
    records = {one["properties"].get("model"): f"heritage/{one['id']}" for one in stored["features"]}
    named = {one.id: one.content for one in LANDMARKS if one.id in records}
    assert len(named) > 30
    assert named == {id: records[id] for id in named}


@pytest.mark.parametrize("era", ["today", "hanyang"])
def test_outlines_hold_the_positions_of_an_era(era: str) -> None:
    standing = [one for one in LANDMARKS if era in one.eras]
    rings = outlines(FACTS, era)
    assert len(rings) == len(standing)
    for one, ring in zip(standing, rings, strict=True):
        polygon = shapely.Polygon(ring)
        assert polygon.is_valid
        assert polygon.exterior.is_ccw
        assert polygon.contains(shapely.Point(one.lon, one.lat))


def test_a_heading_turns_the_outline_clockwise() -> None:
    """Sungnyemun looks south-west: its front's middle lies south-west of it."""
    one = next(one for one in LANDMARKS if one.id == "sungnyemun")
    front = outline(one)[:2].mean(axis=0) - [one.lon, one.lat]
    assert front[0] < 0
    assert front[1] < 0


def test_no_two_outlines_of_an_era_overlap() -> None:
    for era in ("today", "hanyang"):
        standing = [
            one for one in LANDMARKS if era in one.eras and one.form not in {"corridors"}
        ]  # those frame a court
        polygons = [shapely.Polygon(outline(one)) for one in standing]
        first, second = shapely.STRtree(polygons).query(polygons, predicate="overlaps")
        pairs = {tuple(sorted((standing[a].id, standing[b].id))) for a, b in zip(first, second, strict=True)}
        assert not pairs


def test_a_word_that_the_form_does_not_know_is_refused(tmp_path: Path) -> None:
    text = (FACTS / "landmarks.toml").read_text(encoding="utf-8").replace("bays = [3, 2]", "bay = [3, 2]", 1)
    (tmp_path / "landmarks.toml").write_text(text, encoding="utf-8")
    landmark = read_landmarks(tmp_path / "landmarks.toml")[0]
    with pytest.raises(InputError, match="knows no bay"):
        build(landmark, 2)


def test_a_missing_fact_is_refused(tmp_path: Path) -> None:
    text = (FACTS / "landmarks.toml").read_text(encoding="utf-8").replace("heading_deg = 2.2\n", "", 1)
    (tmp_path / "landmarks.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="heading_deg"):
        read_landmarks(tmp_path / "landmarks.toml")


def _plane(lon_lat: np.ndarray) -> np.ndarray:
    """Degrees to metres around the area's middle; 0.3 % off at most over 5 km, of no weight within 30 m."""
    scale = 111_195.0 * np.array([math.cos(math.radians(37.57)), 1.0])
    return np.asarray((np.asarray(lon_lat) - np.array([126.98, 37.57])) * scale)


@pytest.fixture(scope="module")
def footprints() -> list[shapely.Polygon]:
    path = DATA / "buildings" / "seoul_osm_buildings.geojsonl.gz"
    if not path.is_file():
        pytest.skip(f"the real Seoul data are absent: {path}")
    shapes = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            geometry = json.loads(line)["geometry"]
            ring = (
                geometry["coordinates"][0] if geometry["type"] == "Polygon" else geometry["coordinates"][0][0]
            )
            if AREA[0] < ring[0][0] < AREA[2] and AREA[1] < ring[0][1] < AREA[3]:
                shapes.append(shapely.make_valid(shapely.Polygon(_plane(np.array(ring)[:, :2]))))
    return shapes


def _mapped(one: Landmark, footprints: list[shapely.Polygon]) -> shapely.Polygon:
    """The footprint that is meant: of those in reach, the one that shares most ground with ours."""
    ours = shapely.Polygon(_plane(outline(one)))
    near = [shape for shape in footprints if shape.distance(ours.centroid) < 60.0]
    return max(near, key=lambda shape: shape.intersection(ours).area / shape.union(ours).area)


@pytest.mark.real
def test_positions_lie_within_30_m_and_axes_within_5_degrees_of_the_mapped(
    footprints: list[shapely.Polygon],
) -> None:
    far, turned = {}, {}
    for one in LANDMARKS:
        if one.id in UNMAPPED:
            continue
        shape = _mapped(one, footprints)
        here = shapely.Point(_plane(np.array([one.lon, one.lat])))
        distance = shape.centroid.distance(here)
        if distance > 30.0:
            far[one.id] = round(distance, 1)
        if one.form not in NO_AXIS and one.id not in AXIS_UNMAPPED:
            off = _axis_off(one, shape)
            if off > 5.0:
                turned[one.id] = round(off, 1)
    assert (far, turned) == ({}, {})


@pytest.mark.real
def test_ddp_lies_within_30_m_of_the_ground_that_is_mapped_as_its_roof(seoul_data: Path) -> None:
    """It has no footprint; its grass roof is mapped as green: the largest green that holds our position."""
    one = next(one for one in LANDMARKS if one.id == "ddp")
    here = shapely.Point(_plane(np.array([one.lon, one.lat])))
    with gzip.open(seoul_data / "transport" / "seoul_osm_nature.json.gz", "rt", encoding="utf-8") as file:
        greens = [f["geometry"] for f in json.load(file)["features"] if f["properties"]["k"] == "green"]
    near = [g["coordinates"][0] for g in greens if g["type"] == "Polygon"]
    near = [ring for ring in near if abs(ring[0][0] - one.lon) < 0.005 and abs(ring[0][1] - one.lat) < 0.005]
    shapes = [shapely.make_valid(shapely.Polygon(_plane(np.array(ring)))) for ring in near]
    roof = max((s for s in shapes if s.contains(here)), key=lambda s: float(s.area))
    assert roof.centroid.distance(here) < 30.0
    assert _axis_off(one, roof) < 10.0


def _axis_off(one: Landmark, shape: shapely.Polygon) -> float:
    """Degrees between our axis and the nearer side of the footprint's smallest rectangle."""
    corners = np.array(shapely.minimum_rotated_rectangle(shape).exterior.coords)
    side = corners[1] - corners[0]
    azimuth = math.degrees(math.atan2(side[0], side[1]))
    off = (azimuth - one.heading_deg) % 90.0
    return min(off, 90.0 - off)
