from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smap.content.record import Geometry, Record
from smap.content.views import (
    Look,
    Subject,
    Views,
    eye_of,
    hour_of,
    looks_of,
    read_views,
    subject_of,
)
from smap.errors import RecipeError
from smap.geo.ellipsoid import east_north_up, to_ecef

SHIPPED = Path(__file__).parents[2] / "content" / "pictures" / "views.toml"
NOW = datetime(2026, 5, 1, tzinfo=UTC)
BOX = (126.94, 37.53, 127.02, 37.60)
NONE = Views({}, {})


def record(kind: str, coordinates: Any, category: str = "gate") -> Record:
    geometry: Geometry = {"type": kind, "coordinates": coordinates}
    return Record("heritage", "it", 1, "published", geometry, {"category": category}, NOW)


@given(
    distance=st.floats(20, 3000),
    heading=st.floats(0, 360, exclude_max=True),
    tilt=st.floats(20, 95),
    above=st.floats(0, 120),
)
def test_the_middle_of_the_picture_is_the_subject(
    distance: float, heading: float, tilt: float, above: float
) -> None:
    """Reckoned the other way round in ECEF: the ray of the eye passes the aim within a thousandth of its way.

    The eye is placed by the scale at the subject; over 3 km the earth curves by 0.7 m.
    """
    subject = Subject(126.98, 37.57)
    look = Look(distance=distance, heading=heading, tilt=tilt, above=above)
    lon, lat, height, *turned = eye_of(subject, 40.0, look)
    assert turned == [heading, tilt]
    frame = east_north_up(math.radians(lon), math.radians(lat), height)
    aim = to_ecef(math.radians(subject.lon), math.radians(subject.lat), 40.0 + above)
    seen = np.linalg.inv(frame) @ np.append(aim, 1.0)
    h, t = math.radians(heading), math.radians(tilt)
    ray = np.array([math.sin(h) * math.sin(t), math.cos(h) * math.sin(t), -math.cos(t)])
    np.testing.assert_allclose(seen[:3], ray * distance, atol=distance / 1000.0 + 0.01)


def test_a_point_is_looked_at_as_its_category_is() -> None:
    views = Views({"gate": Look(distance=80, heading=25, tilt=80)}, {})
    gate = record("Point", [126.97, 37.56])
    subject = subject_of(gate, views, BOX)
    assert (subject.lon, subject.lat) == (126.97, 37.56)
    assert looks_of(gate, subject, views)[0] == views.usual["gate"]


def test_what_a_record_says_of_itself_wins_and_moves_the_aim() -> None:
    """35 m north are 35 / 110,990 of a degree there."""
    views = Views({"gate": Look(distance=80)}, {"heritage/it": {"tilt": 50, "shift": [0, 35]}})
    gate = record("Point", [126.97, 37.56])
    subject = subject_of(gate, views)
    assert subject.lat - 37.56 == pytest.approx(35 / 110_990, rel=1e-3)
    look = looks_of(gate, subject, views)[0]
    assert (look.distance, look.tilt) == (80, 50)


def test_a_line_is_looked_at_along_its_way_from_as_far_as_it_is_long() -> None:
    """0.02 degrees of latitude are 2,220 m; a lane that has a distance is looked at as it runs there."""
    line = record("LineString", [[126.97, 37.55], [126.97, 37.56], [126.99, 37.57]], "walk")
    subject = subject_of(line, NONE)
    assert 37.55 < subject.lat < 37.57
    whole = looks_of(line, subject, NONE)[0]
    assert whole.heading == pytest.approx(math.degrees(math.atan2(2 * 0.7926, 2)), abs=1)
    assert whole.distance == pytest.approx(0.9 * (1110 + 2086), rel=0.02) or whole.distance == 2400
    near = looks_of(line, subject, Views({"walk": Look(distance=150)}, {}))[0]
    assert near.heading == pytest.approx(subject.heading)
    assert near.distance == 150


def test_what_is_hidden_is_looked_at_from_other_sides_and_from_above() -> None:
    gate = record("Point", [126.97, 37.56])
    looks = looks_of(gate, subject_of(gate, NONE), NONE)
    assert len({(look.heading, look.tilt) for look in looks}) == len(looks) > 3
    assert looks[-1].tilt == min(look.tilt for look in looks)


@given(lon=st.floats(126.7, 127.3), lat=st.floats(37.3, 37.8))
def test_a_place_beyond_the_map_is_looked_for_from_within(lon: float, lat: float) -> None:
    there = record("Point", [lon, lat])
    subject = subject_of(there, NONE, BOX)
    inside = BOX[0] <= lon <= BOX[2] and BOX[1] <= lat <= BOX[3]
    assert (subject == subject_of(there, NONE)) == inside
    assert BOX[0] <= subject.lon <= BOX[2]
    assert BOX[1] <= subject.lat <= BOX[3]
    if not inside:
        (look,) = looks_of(there, subject, NONE, beyond=True)
        east, north = (lon - 126.98) * math.cos(math.radians(37.565)), lat - 37.565
        turned = math.radians(look.heading) - math.atan2(east, north)
        assert math.cos(turned) > math.cos(math.radians(0.5))


@pytest.mark.parametrize(("heading", "hour"), [(0, 10), (300, 10), (20, 16), (90, 16), (270, 10), (60, 16)])
def test_the_sun_lies_on_what_is_seen(heading: float, hour: int) -> None:
    """At 10 it stands in the south-east, at 16 in the west: who looks west sees what the morning lights."""
    assert hour_of(Look(heading=heading)) == hour
    assert hour_of(Look(heading=heading, hour=12)) == 12


def test_the_shipped_views_can_be_read_and_are_of_records(records_named: set[str]) -> None:
    views = read_views(SHIPPED)
    assert views.usual["gate"].distance > 0
    assert set(views.own) <= records_named


@pytest.fixture
def records_named() -> set[str]:
    import json

    layers = ("heritage", "tourism", "wall", "alleys")
    files = {layer: (SHIPPED.parents[1] / f"{layer}.geojson").read_text("utf-8") for layer in layers}
    return {f"{layer}/{one['id']}" for layer, text in files.items() for one in json.loads(text)["features"]}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[usual]\ngate = { hight = 3 }", "usual.gate: hight = 3"),
        ("[usual]\ngate = { tilt = 'low' }", "usual.gate: tilt = 'low'"),
        ("[own]\n'wall/a' = { shift = [1] }", "own.wall/a: shift = [1]: give [metres east, metres north]"),
        ("[usual", "cannot be read"),
    ],
)
def test_a_view_that_makes_no_sense_is_refused_by_name(tmp_path: Path, text: str, part: str) -> None:
    (tmp_path / "views.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError) as refused:
        read_views(tmp_path / "views.toml")
    assert part in str(refused.value)
