"""Write the streams that have models: the walled one of each era, its bridges, and Hanyang's brooks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from smap.sample.channel import bridge, brook, channel, head, water_gate
from smap.sample.facts import ERAS, Bridge, Facts, Stream
from smap.sample.greenery import greenery
from smap.sample.ground import Ground
from smap.sample.landmarks.glb import plain_glb
from smap.sample.models_recipe import ATTRIBUTION, model_source, models_recipe
from smap.sample.streams import along, open_course, reach, width_at
from smap.scene.solids import Mesh, join

__all__ = ["WATERWAYS", "Piece", "pieces", "write_waterways"]

Floats = NDArray[np.float64]

WATERWAYS = tuple(f"streams_{era}.toml" for era in ERAS)
PIECE_M, BROOK_M = 320.0, 900.0
"""How long a model is: a brook is light."""
STEPS_M = (6.0, 18.0, 48.0)
"""From point to point of a stream, by detail: finest first."""
PARAPETS_M = 0.5
"""How far beyond a stream's walls its parapets reach."""
JOINT_M = 0.02
"""From the last point of a parapet to the first of a bridge."""
EVEN_STEPS = 4
"""The ground under a brook is evened over so many points: water does not follow every hummock."""
TITLES = {
    "today": ("표본 도시의 청계천", "Cheonggyecheon of the sample"),
    "hanyang": ("한양의 개천과 지류 (복원)", "Streams of Hanyang (reconstruction)"),
}


@dataclass(frozen=True)
class Piece:
    """A model of water: meshes by detail, finest first, about a place (degrees; metres above the sea).

    id, name, name_en, source: what it publishes.
    """

    id: str
    name: str
    name_en: str
    source: str
    lon: float
    lat: float
    height_m: float
    meshes: tuple[Mesh, ...]


def pieces(facts: Facts, ground: Ground, era: str) -> Iterator[Piece]:
    """All models of an era, from the stream's head down."""
    walled = [s for s in facts.streams if s.walled and era in s.open]
    for stream in walled:
        yield from _channels(facts, stream, era)
        for one in (b for b in stream.bridges if era in b.eras):
            yield _bridge(facts, stream, one, era)
    if era == "hanyang":
        closed = shapely.union_all([reach(s, era, 0.0) for s in walled])
        for number, stream in enumerate(s for s in facts.streams if s.open == (era,)):
            yield from _brooks(facts, ground, stream, closed, f"brook-{number + 1:02d}")


def write_waterways(facts: Facts, ground: Ground, out: Path) -> list[Path]:
    """Write out/streams/*.glb and a recipe of models for each era."""
    (out / "streams").mkdir(parents=True, exist_ok=True)
    recipes = []
    for era, name in zip(ERAS, WATERWAYS, strict=True):
        found = list(pieces(facts, ground, era))
        for piece in found:
            for detail, mesh in enumerate(piece.meshes):
                (out / _file(era, piece, detail)).write_bytes(plain_glb(mesh))
        (out / name).write_text(_recipe(era, found), encoding="utf-8")
        recipes.append(out / name)
    return recipes


def _channels(facts: Facts, stream: Stream, era: str) -> Iterator[Piece]:
    line = shapely.intersection(open_course(stream, era), shapely.box(*facts.extent()))
    decks = [_deck(stream, one) for one in stream.bridges if era in one.eras and not one.arches]
    xy, bridged = _with_decks(_resampled(shapely.get_coordinates(line), STEPS_M[0]), decks)
    lanes, half = _lanes(stream, xy), width_at(stream, xy) / 2
    closed = shapely.union_all([deck.ground(stream.banks_m) for deck in decks])
    for number, span in enumerate(_spans(xy, PIECE_M)):
        whole = np.column_stack([xy, lanes])[span]
        origin = whole[len(whole) // 2]
        near = shapely.transform(closed, lambda at, origin=origin: at - origin[:2])
        meshes = []
        for detail, step in enumerate(STEPS_M):
            keep = _kept(len(whole), round(step / STEPS_M[0]))
            keep = np.union1d(keep, np.flatnonzero(_edges(bridged[span])))
            local, wide = (whole - origin)[keep], half[span][keep]
            today = era == "today"
            mesh = channel(local, wide, bridged[span][keep], stream.banks_m, today=today, detail=detail)
            if today:
                mesh = join([mesh, greenery(whole - origin, half[span], number, near, detail=detail)])
            meshes.append(join([mesh, head(local, wide)]) if number == 0 else mesh)
        yield _piece(facts, f"cheonggyecheon-{number + 1:02d}", stream, origin, tuple(meshes))


@dataclass(frozen=True)
class _Deck:
    """Where a bridge lies: its middle (2,), the unit vector over the stream, half its span, its width."""

    middle: Floats
    across: Floats
    half: float
    wide: float

    def ground(self, banks_m: float) -> shapely.Geometry:
        """What its street takes, with the lanes on both banks: a shapely Polygon on the plane."""
        reach = (self.half + banks_m) * self.across
        line = shapely.linestrings(np.stack([self.middle - reach, self.middle + reach]))
        return shapely.buffer(line, self.wide / 2, cap_style="flat")


def _deck(stream: Stream, one: Bridge) -> _Deck:
    line = shapely.linestrings(stream.bed.xy)
    at = float(shapely.line_locate_point(line, shapely.points(one.xy)))
    here, ahead = (shapely.get_coordinates(line.interpolate(at + more))[0] for more in (-1.0, 1.0))
    middle = (here + ahead) / 2
    across = np.array([here[1] - ahead[1], ahead[0] - here[0]]) / np.linalg.norm(ahead - here)
    return _Deck(middle, across, float(width_at(stream, middle) / 2), one.width_m)


def _with_decks(xy: Floats, decks: list[_Deck]) -> tuple[Floats, NDArray[np.bool_]]:
    """A line with points where bridges begin and end, and where it is bridged (n,)."""
    line, way = shapely.linestrings(xy), along(xy)
    bridged = np.zeros(len(way), bool)
    for deck in decks:
        corners = shapely.get_coordinates(deck.ground(PARAPETS_M))  # the stream bends under some bridges
        at = shapely.line_locate_point(line, shapely.points(corners))
        start, end = float(at.min()), float(at.max())
        beside = ((way > start - JOINT_M) & (way < end + JOINT_M)).nonzero()[0]
        way, bridged = np.delete(way, beside), np.delete(bridged, beside)
        place = np.searchsorted(way, start)
        way = np.insert(way, place, [start - JOINT_M, start, end, end + JOINT_M])
        bridged = np.insert(bridged, place, [False, True, True, False])
    return shapely.get_coordinates(shapely.line_interpolate_point(line, way)), bridged


def _edges(bridged: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Points of a line (n,) at which a bridge begins or ends, on both sides of the joint."""
    turn = bridged[1:] != bridged[:-1]
    return np.asarray(np.r_[turn, False] | np.r_[False, turn])


def _brooks(
    facts: Facts, ground: Ground, stream: Stream, closed: shapely.Geometry, name: str
) -> Iterator[Piece]:
    """A stream on the ground, as far as the walls of the one it falls into."""
    inside = shapely.intersection(open_course(stream, "hanyang"), shapely.box(*facts.extent()))
    number = 0
    for line in shapely.get_parts(shapely.difference(inside, closed)):
        xy = _resampled(shapely.get_coordinates(line), STEPS_M[0])
        up = gaussian_filter1d(_surface(facts, ground, xy), EVEN_STEPS, mode="nearest")
        half = width_at(stream, xy) / 2
        for span in _spans(xy, BROOK_M):
            number += 1
            whole = np.column_stack([xy, up])[span]
            origin = whole[len(whole) // 2]
            keeps = [_kept(len(whole), round(step / STEPS_M[0])) for step in (STEPS_M[0], STEPS_M[-1])]
            meshes = tuple(brook((whole - origin)[keep], half[span][keep]) for keep in keeps)
            yield _piece(facts, f"{name}-{number:02d}", stream, origin, meshes)


def _bridge(facts: Facts, stream: Stream, one: Bridge, era: str) -> Piece:
    deck = _deck(stream, one)
    half, across = deck.half, deck.across
    stone = one.stone or era == "hanyang"
    meshes = tuple(
        water_gate(half, one.width_m, across, arches=one.arches, detail=detail)
        if one.arches
        else bridge(half, one.width_m, across, stream.banks_m, stone=stone, detail=detail)
        for detail in ((0, 2) if stone or one.arches else (0,))
    )
    origin = np.array([*deck.middle, _lanes(stream, deck.middle[None])[0]])
    lon, lat, height = _place(facts, origin)
    return Piece(one.id, one.name, one.name_en, one.source, lon, lat, height, meshes)


def _piece(facts: Facts, name: str, stream: Stream, origin: Floats, meshes: tuple[Mesh, ...]) -> Piece:
    ko, _, en = stream.bed.name.partition(" ")
    return Piece(name, ko, en, stream.source, *_place(facts, origin), meshes)


def _place(facts: Facts, origin: Floats) -> tuple[float, float, float]:
    lon, lat = np.round(facts.plane.to_degrees(origin[None, :2])[0], 7).tolist()
    return lon, lat, round(float(origin[2]), 2)


def _lanes(stream: Stream, xy: Floats) -> Floats:
    """The height of a walled stream's lanes beside plane points (n, 2), metres above the sea."""
    at = shapely.line_locate_point(shapely.linestrings(stream.bed.xy), shapely.points(xy))
    return np.asarray(np.interp(at, along(stream.bed.xy), stream.bed.height_m))


def _surface(facts: Facts, ground: Ground, xy: Floats) -> Floats:
    """The ground at plane points (n, 2), or the lanes of a walled stream where the ground below is cut."""
    up = ground.heights_at(xy)
    for stream in (s for s in facts.streams if s.walled):
        far = shapely.distance(shapely.linestrings(stream.bed.xy), shapely.points(xy))
        beside = far < width_at(stream, xy) / 2 + stream.banks_m
        up = np.where(beside, _lanes(stream, xy), up)
    return np.asarray(up)


def _resampled(xy: Floats, step_m: float) -> Floats:
    way = along(xy)
    at = np.linspace(0.0, way[-1], max(2, round(way[-1] / step_m) + 1))
    return np.stack([np.interp(at, way, xy[:, k]) for k in (0, 1)], axis=1)


def _spans(xy: Floats, piece_m: float) -> list[slice]:
    """Pieces of a line of points STEPS_M[0] apart; neighbours share a point."""
    count = max(1, round(along(xy)[-1] / piece_m))
    ends = np.linspace(0, len(xy) - 1, count + 1).round().astype(int)
    return [slice(a, b + 1) for a, b in pairwise(ends.tolist())]


def _kept(size: int, every: int) -> NDArray[np.int64]:
    """Every so many of a line's points, and its last."""
    return np.unique(np.linspace(0, size - 1, max(2, round((size - 1) / every) + 1)).round().astype(int))


def _file(era: str, piece: Piece, detail: int) -> str:
    return f"streams/{era}-{piece.id}{'' if detail == 0 else f'.{detail}'}.glb"


def _recipe(era: str, found: list[Piece]) -> str:
    sources = [_source(era, piece) for piece in found]
    return models_recipe(f"sample-streams-{era}", TITLES[era], ATTRIBUTION, sources, era=era)


def _source(era: str, piece: Piece) -> str:
    return model_source(
        [_file(era, piece, detail) for detail in range(len(piece.meshes))],
        {"lon": piece.lon, "lat": piece.lat, "height": piece.height_m, "height_mode": "orthometric"},
        {"id": piece.id, "name": piece.name, "name_en": piece.name_en, "source": piece.source},
    )
