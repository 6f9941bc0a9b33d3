"""Lines cut into pieces: along the crest, up to the gates, by the segments that tell of their parts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyproj
import pytest

from smap.errors import InputError
from tests.build.linemade import GROUND, NORTHWARD, above_ground, build, feature, leaves, write, write_crest
from tests.build.town import SOUTH, WEST, write_ground
from tests.conftest import ROOT


@pytest.fixture
def slope(tmp_path: Path) -> Path:
    write_ground(tmp_path, slope=0.2)
    return tmp_path


def test_segments_tell_of_parts_of_their_section_and_lengths_add_up(slope: Path) -> None:
    at = [[126.975, lat] for lat in (37.561, 37.5614, 37.5618, 37.5622)]
    alone = [[126.976, 37.561], [126.976, 37.5612]]
    part = {"category": "segment", "section": "whole"}
    write(
        slope,
        feature("whole", NORTHWARD, category="section", length_m=230.0),
        feature("a", at[:2], **part, state="restored", masonry="taejo", length_m=45.0),
        feature("b", at[2:], **part, state="lost"),
        feature("alone", alone, category="segment", state="standing"),
    )
    report = build(slope)
    figures = report.figures
    geod = pyproj.Geod(ellps="WGS84")

    def km(one: list[float], other: list[float]) -> float:
        return float(geod.inv(one[0], one[1], other[0], other[1])[2] * np.hypot(1.0, 0.2) / 1000.0)

    standing = km(at[1], at[2]) + km(at[3], NORTHWARD[1]) + km(*alone)
    assert figures["state_restored_km"] == pytest.approx(km(at[0], at[1]), abs=0.001)
    assert figures["state_standing_km"] == pytest.approx(standing, abs=0.001)
    assert figures["masonry_taejo_km"] == figures["state_restored_km"]
    assert figures["drawn_km"] == pytest.approx(standing + km(at[0], at[1]), abs=0.001)
    assert figures["stated_km"] == pytest.approx(0.23)
    assert figures["segments_m"] == {"a": [pytest.approx(1000 * km(at[0], at[1]), abs=0.5), 45.0]}
    assert figures["stated_restored_km"] == pytest.approx(0.045)
    assert "stated_lost_km" not in figures
    assert report.dropped == {"state_lost": 1}
    tables = [tile.table for tile in leaves(report) if tile.table is not None]
    content = {one for table in tables for one in table.columns["content"].values.tolist()}
    assert content == {"wall/whole", "wall/a", "wall/alone"}


def test_the_lost_part_of_a_standing_section_is_a_ghost(slope: Path) -> None:
    lost = [[126.975, 37.5618], [126.975, 37.5622]]
    write(
        slope,
        feature("whole", NORTHWARD, category="section"),
        feature("b", lost, category="segment", section="whole", state="lost"),
    )
    report = build(slope, more=f'[form]\nstates = ["lost"]\n{GROUND}')
    lat = np.concatenate([above_ground(tile)[:, 1] for tile in leaves(report)])
    assert (lat.min(), lat.max()) == pytest.approx((37.5618, 37.5622), abs=3e-6)


def test_what_stands_and_what_is_lost_are_drawn_once_each_and_are_the_whole_section(slope: Path) -> None:
    """Segments from end to end: the two tilesets of a wall meet, and nothing of it is in both."""
    ends = [37.561, 37.5614, 37.5618, 37.5622, 37.563]
    states = ["standing", "lost", "restored", "lost"]
    parts = [
        feature(f"p{k}", [[126.975, a], [126.975, b]], category="segment", section="whole", state=state)
        for k, (a, b, state) in enumerate(zip(ends, ends[1:], states, strict=False))
    ]
    for k, part in enumerate(parts):
        part["properties"]["length_m"] = 10.0 * (k + 1)
    write(slope, feature("whole", NORTHWARD, category="section", length_m=100.0), *parts)
    kept = build(slope)
    gone = build(slope, more=f'[form]\nstates = ["lost"]\n{GROUND}')
    whole = 1.0196 * 1000.0 * np.ptp([37.561, 37.563]) * 111.0  # along the slope of 0.2
    assert kept.figures["drawn_km"] + gone.figures["drawn_km"] == pytest.approx(whole / 1000.0, rel=0.01)
    assert set(kept.figures["segments_m"]) == {"p0", "p2"}
    assert set(gone.figures["segments_m"]) == {"p1", "p3"}
    assert kept.figures["stated_standing_km"] + kept.figures["stated_restored_km"] == pytest.approx(0.04)
    assert gone.figures["stated_lost_km"] == pytest.approx(0.06)
    for report, spans in ((kept, (ends[:2], ends[2:4])), (gone, (ends[1:3], ends[3:]))):
        lat = np.concatenate([above_ground(tile)[:, 1] for tile in leaves(report)])
        near = 3 / 111_000.0
        inside = [(lat > low - near) & (lat < high + near) for low, high in spans]
        assert np.any(inside, axis=0).all()


def test_the_curated_wall_is_drawn_whole_by_its_segments(tmp_path: Path) -> None:
    """Standing, restored and lost: each segment as long as its sketch, and stated as long as its section."""
    path = ROOT / "content" / "wall.geojson"
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    of = {one["id"]: one["properties"] for one in features}
    sketches = {
        one["id"]: flat_length(one["geometry"]["coordinates"])
        for one in features
        if of[one["id"]]["category"] == "segment"
    }
    kept, gone = (
        build(tmp_path, path=str(path), more=f"[form]\nstates = {states}\n").figures
        for states in ('["standing", "restored"]', '["lost"]')
    )
    drawn = {id: told for figures in (kept, gone) for id, told in figures["segments_m"].items()}
    assert set(drawn) == set(sketches)
    for id, (metres, stated) in drawn.items():
        assert metres == pytest.approx(sketches[id], rel=0.005, abs=1.5), id
        assert stated == of[id]["length_m"], id
    by_state = [
        {state: figures.get(f"stated_{state}_km", 0.0) for state in ("standing", "restored", "lost")}
        for figures in (kept, gone)
    ]
    assert (by_state[0]["lost"], by_state[1]["standing"], by_state[1]["restored"]) == (0.0, 0.0, 0.0)
    assert sum(sum(one.values()) for one in by_state) == pytest.approx(kept["stated_km"], abs=0.006)


def flat_length(line: list[list[float]]) -> float:
    lon, lat = np.array(line).T
    return float(pyproj.Geod(ellps="WGS84").line_length(lon, lat))


def test_a_place_that_is_not_surely_known_is_passed_on_the_crest(tmp_path: Path) -> None:
    """The middle of three places lies 80 m beside the crest, and says that it may."""
    write_crest(tmp_path, bow=0.0)
    line = [[WEST + 0.006, SOUTH + 0.002], [WEST + 0.0069, SOUTH + 0.006], [WEST + 0.006, SOUTH + 0.010]]
    east_most = {}
    for unsure in (100.0, 5.0):
        vertices = [{"name_ko": "곳", "position_accuracy_m": one} for one in (5.0, unsure, 5.0)]
        write(tmp_path, feature("a", line, category="section", vertices=vertices))
        report = build(tmp_path, more=f'[form]\ncourse = "ridge"\n{GROUND}')
        placed = np.concatenate([above_ground(tile) for tile in leaves(report)])
        east_most[unsure] = (placed[:, 0].max() - WEST - 0.006) * 88_000
    assert east_most[100.0] < 45.0
    assert east_most[5.0] > 75.0


@pytest.mark.parametrize("accuracies", [[5.0], [5.0, None], [5.0, -1.0]])
def test_vertices_that_do_not_say_how_sure_each_point_is_are_named(
    slope: Path, accuracies: list[float | None]
) -> None:
    vertices = [{"position_accuracy_m": one} for one in accuracies]
    write(slope, feature("a", NORTHWARD, category="section", vertices=vertices))
    with pytest.raises(InputError, match=r"line a: vertices must say for each of its 2 points"):
        build(slope, more=f'[form]\ncourse = "ridge"\n{GROUND}')


def test_a_gate_that_masks_it_interrupts_the_wall(slope: Path) -> None:
    write(slope, feature("a", NORTHWARD, category="section"))
    west, east, low, high = 126.9749, 126.9751, 37.5619, 37.5621
    ring = [[west, low], [east, low], [east, high], [west, high], [west, low]]
    area = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    write(slope, area, name="gate.geojson")
    report = build(slope, more=f'{GROUND}\n[[mask]]\npath = "gate.geojson"\n')
    lat = np.concatenate([above_ground(tile)[:, 1] for tile in leaves(report)])
    metre = 1 / 111_000.0
    assert not ((lat > low + 3 * metre) & (lat < high - 3 * metre)).any()
    assert ((lat < low).any(), (lat > high).any()) == (True, True)


def test_a_sketch_follows_the_crest_where_the_recipe_says_so(tmp_path: Path) -> None:
    """A ridge 60 m high runs in a bow of 80 m to the west of the straight line between its two named ends."""
    write_crest(tmp_path, bow=0.0009)
    write(
        tmp_path,
        feature("a", [[WEST + 0.006, SOUTH + 0.002], [WEST + 0.006, SOUTH + 0.010]], category="section"),
    )
    west_most = {}
    for course in ("as_drawn", "ridge"):
        report = build(tmp_path, more=f'[form]\ncourse = "{course}"\n{GROUND}')
        placed = np.concatenate([above_ground(tile) for tile in leaves(report)])
        west_most[course] = (WEST + 0.006 - placed[:, 0].min()) * 88_000
    assert west_most["as_drawn"] < 6.0
    assert 40.0 < west_most["ridge"] < 100.0
