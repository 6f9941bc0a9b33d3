"""Streams as models: in a cut that the ground leaves free, with the bridges of each era, and old brooks."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
import shapely

from smap.sample.channel import WATER_M
from smap.sample.facts import ERAS, Bridge, Stream
from smap.sample.streams import along, reach, width_at
from smap.sample.waterways import Piece, pieces
from smap.sample.write import City
from smap.scene.pigments import pigment
from tests.sample.conftest import FACTS

BRIDGES_1760 = {
    "mojeongyo",
    "gwangtonggyo-old",
    "jangtonggyo",
    "supyogyo",
    "harangyo",
    "hyogyeonggyo",
    "majeongyo",
    "ogansumun",
    "yeongdogyo",
}


def test_the_ground_lies_below_the_water_of_cheonggyecheon_and_level_beside_its_lanes(city: City) -> None:
    stream = next(s for s in city.facts.streams if s.walled)
    inside = stream.bed.xy[city.ground.heights_at(stream.bed.xy) > 0][:-4]
    way = along(inside)
    tangent = np.gradient(inside, way, axis=0)
    left = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    half = width_at(stream, inside) / 2
    lanes = np.interp(way, along(stream.bed.xy), stream.bed.height_m)
    for share in (-0.95, -0.5, 0.0, 0.5, 0.95):
        below = city.ground.heights_at(inside + (share * half)[:, None] * left) - lanes
        assert below.max() < WATER_M, share
    for side in (-1.0, 1.0):
        edge = inside + (side * (half + stream.banks_m + 3.0))[:, None] * left
        assert (
            np.abs(city.ground.heights_at(edge) - lanes).max() < 0.6
        )  # a kerb's height, hidden by the skirt


def test_mojeongyo_is_as_long_as_published() -> None:
    facts = tomllib.loads((FACTS / "facts" / "streams.toml").read_text(encoding="utf-8"))
    assert facts["stream"][0]["width_m"][1] == 19.5


def test_hanyang_has_the_nine_bridges_of_1760_and_today_more(city: City) -> None:
    found = {era: {p.id for p in pieces(city.facts, city.ground, era)} for era in ERAS}
    assert found["hanyang"] & BRIDGES_1760 == BRIDGES_1760
    today = {i for i in found["today"] if not i.startswith("cheonggyecheon")}
    assert len(today) >= 14
    assert "ogansumun" not in today


def test_every_brook_of_hanyang_has_water(city: City) -> None:
    drawn = {p.name for p in pieces(city.facts, city.ground, "hanyang")}
    assert {s.bed.name.partition(" ")[0] for s in city.facts.streams if s.open == ("hanyang",)} <= drawn


@pytest.mark.parametrize("era", ERAS)
def test_every_bridge_spans_the_stream_from_wall_to_wall(city: City, era: str) -> None:
    stream = next(s for s in city.facts.streams if s.walled)
    walls = reach(stream, era, 0.0)
    for piece in (p for p in pieces(city.facts, city.ground, era) if p.id in {b.id for b in stream.bridges}):
        middle = city.facts.plane.to_plane(np.array([piece.lon]), np.array([piece.lat]))[0]
        outline = shapely.convex_hull(shapely.multipoints(piece.meshes[0].positions[:, :2] + middle))
        assert len(shapely.get_parts(shapely.difference(outline, walls))) >= 2, piece.id


def test_nothing_stands_on_a_bridge_of_today_neither_tree_nor_parapet(city: City) -> None:
    stream = next(s for s in city.facts.streams if s.walled)
    found = list(pieces(city.facts, city.ground, "today"))
    bridges = {b.id: b for b in stream.bridges if "today" in b.eras}
    grounds = [_street(stream, city, piece, bridges[piece.id]) for piece in found if piece.id in bridges]
    closed = shapely.union_all(grounds)
    assert len(grounds) >= 14
    for piece in (p for p in found if p.id.startswith("cheonggyecheon")):
        middle = city.facts.plane.to_plane(np.array([piece.lon]), np.array([piece.lat]))[0]
        for mesh in piece.meshes:
            at = mesh.positions + np.array([*middle, piece.height_m])
            way = shapely.line_locate_point(shapely.linestrings(stream.bed.xy), shapely.points(at[:, :2]))
            lane = np.interp(way, along(stream.bed.xy), stream.bed.height_m)
            on = shapely.contains_xy(closed, at[:, 0], at[:, 1])
            assert (at[on, 2] - lane[on]).max(initial=0.0) < 0.4, piece.id


def _street(stream: Stream, city: City, piece: Piece, bridge: Bridge) -> shapely.Geometry:
    """What a bridge and its street take, from lane to lane, within its railings, on the plane."""
    middle = city.facts.plane.to_plane(np.array([piece.lon]), np.array([piece.lat]))
    line = shapely.linestrings(stream.bed.xy)
    at = shapely.line_locate_point(line, shapely.points(middle[0]))
    here, ahead = (shapely.get_coordinates(line.interpolate(at + far))[0] for far in (-1.0, 1.0))
    across = np.array([here[1] - ahead[1], ahead[0] - here[0]]) / np.linalg.norm(ahead - here)
    reach = (width_at(stream, middle)[0] / 2 + stream.banks_m) * across
    way = shapely.linestrings(np.stack([middle[0] - reach, middle[0] + reach]))
    return shapely.buffer(way, bridge.width_m / 2 - 0.5, cap_style="flat")


def test_a_bridge_of_today_carries_a_street_between_pavements(city: City) -> None:
    gwanggyo = next(p for p in pieces(city.facts, city.ground, "today") if p.id == "gwanggyo")
    mesh = gwanggyo.meshes[0]
    up = (mesh.normals[:, 2] > 0.9) & (mesh.positions[:, 2] > 0.38)  # on the deck, over the lanes
    area = {}
    for name in ("road", "plaza"):
        mine = up & (mesh.colors == pigment(name)).all(axis=1)
        a, b, c = (mesh.positions[mesh.triangles[mine[mesh.triangles[:, 0]]]][:, k] for k in range(3))
        area[name] = float(np.cross(b - a, c - a)[:, 2].sum() / 2)
    assert area["road"] > area["plaza"] > 100.0  # the pavements lie on the deck


def test_both_recipes_name_their_era_and_files(written: Path) -> None:
    for era in ERAS:
        recipe = tomllib.loads((written / f"streams_{era}.toml").read_text(encoding="utf-8"))
        assert recipe["tileset"]["era"] == era
        assert all((written / s["path"]).exists() for s in recipe["source"])
        assert all(s["properties"]["source"] for s in recipe["source"])
