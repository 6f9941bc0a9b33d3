"""The walls around palaces and shrines (궁장): along the outlines of their courts, open at the gates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.sample.facts import ERAS, Court, Plane
from smap.sample.ground import Ground
from smap.sample.landmarks.facts import Landmark, outline
from smap.sample.landmarks.glb import plain_glb
from smap.sample.models_recipe import ATTRIBUTION, model_source, models_recipe
from smap.scene.solids import Mesh, join, sweep
from smap.scene.wall import resampled

__all__ = ["Enclosure", "enclosures", "write_enclosures"]

Floats = NDArray[np.float64]

KINDS = ("palace", "shrine")
STEP_M = 5.0
"""From point to point of a wall, before points that its fall does not need are left out."""
BENDS_M = (0.04, 0.8, 2.0)
"""So far the foot of a wall may miss the ground under it, by detail: finest first."""
LARGEST_GAP_M = 45.0
"""A gate so near a court's outline stands in its wall: the outlines are sure to about 40 m."""
INTO_GATE_M = 0.6
SHORTEST_M = 3.0
HEIGHT_M = 4.6
FULL = (
    ((-0.68, -4.0), ""),
    ((-0.64, 0.8), "granite_dark"),
    ((-0.62, 1.9), "ashlar"),
    ((-0.62, 2.0), "jibun"),
    ((-0.58, 2.9), "ashlar_warm"),
    ((-0.58, 3.0), "jibun"),
    ((-0.56, 3.6), "jeondol"),
    ((-1.15, 3.7), "shade"),
    ((-1.15, 3.84), "giwa_end"),
    ((-0.2, 4.42), "giwa"),
    ((-0.2, HEIGHT_M), "plaster"),
    ((0.0, HEIGHT_M), "giwa_shade"),
)
"""Left half of the cross-section, to the right and up, each point with the pigment that leads to it: a
plinth, squared stones between white joints (사괴석), bricks, the eaves, tiles and ridge. The walls of
Gyeongbokgung are about 5 m high; form and measures are the editors' estimate."""
SIMPLE = (
    ((-0.65, -4.0), ""),
    ((-0.6, 1.9), "ashlar"),
    ((-0.56, 3.6), "ashlar_warm"),
    ((-1.1, 3.75), "shade"),
    ((0.0, HEIGHT_M), "giwa"),
)
PLAIN = (((-0.6, -4.0), ""), ((-0.6, 3.7), "ashlar_warm"), ((0.0, HEIGHT_M), "giwa"))
SECTIONS = (FULL, SIMPLE, PLAIN)
TITLE = ("표본 도시의 궁궐 담장", "Palace walls of the sample")


@dataclass(frozen=True)
class Enclosure:
    """The wall of one court: straight runs, each (n, 3) metres east, north and up from its place.

    lon, lat: degrees; height_m: of its place above the sea.
    """

    id: str
    name: str
    runs: tuple[Floats, ...]
    lon: float
    lat: float
    height_m: float


def enclosures(
    courts: Sequence[Court], landmarks: Sequence[Landmark], plane: Plane, ground: Ground
) -> Iterator[Enclosure]:
    """The walls of all palaces and shrines that stand in every era."""
    gates = [(one, outline(one)) for one in landmarks if one.id.endswith("mun")]
    places = [
        (plane.to_plane(*np.array([[g.lon], [g.lat]]))[0], plane.to_plane(*ring.T)) for g, ring in gates
    ]
    wanted = [court for court in courts if court.kind in KINDS and set(court.eras) == set(ERAS)]
    closed = shapely.buffer(shapely.union_all([shapely.polygons(r) for _, r in places]), -INTO_GATE_M)
    for number, court in enumerate(wanted, start=1):
        ring = _through_gates(court.outline, [place for place, _ in places])
        yield _enclosure(f"enclosure-{number:02d}", court.name, ring, closed, plane, ground)


def write_enclosures(
    courts: Sequence[Court], landmarks: Sequence[Landmark], plane: Plane, ground: Ground, out: Path
) -> list[Path]:
    """Write out/enclosures/*.glb and a recipe of models for them."""
    folder = out / "enclosures"
    folder.mkdir(parents=True, exist_ok=True)
    found = list(enclosures(courts, landmarks, plane, ground))
    for one in found:
        for detail in range(len(BENDS_M)):
            (folder / _file(one, detail)).write_bytes(plain_glb(enclosure_mesh(one, detail)))
    path = out / "enclosures.toml"
    path.write_text(_recipe(found), encoding="utf-8")
    return [path]


def enclosure_mesh(enclosure: Enclosure, detail: int) -> Mesh:
    """All runs of a wall."""
    half, names = [point for point, _ in SECTIONS[detail]], [name for _, name in SECTIONS[detail][1:]]
    section = [*half, *((-x, z) for x, z in half[-2::-1])]
    return join(sweep([*names, *names[::-1]], _bent(run, BENDS_M[detail]), section) for run in enclosure.runs)


def _bent(run: Floats, tolerance: float) -> Floats:
    """The points of a straight run (n, 3) at which its fall changes, its ends among them."""
    way = np.linalg.norm(run[:, :2] - run[0, :2], axis=1)
    kept = shapely.simplify(shapely.linestrings(np.column_stack([way, run[:, 2]])), tolerance)
    return run[np.isin(way, shapely.get_coordinates(kept)[:, 0])]


def _through_gates(ring: Floats, gates: Sequence[Floats]) -> Floats:
    """The ring (n, 2), closed, with a corner at each gate that stands near one of its sides."""
    line = shapely.LinearRing(ring)
    for gate in gates:
        at = shapely.Point(gate)
        if line.distance(at) <= LARGEST_GAP_M:
            corners = shapely.get_coordinates(line)
            way = [line.project(shapely.Point(corner)) for corner in corners[:-1]]
            after = int(np.searchsorted(way, line.project(at)))
            line = shapely.LinearRing(np.insert(corners, after, gate, axis=0))
    return np.asarray(shapely.get_coordinates(line))


def _enclosure(
    name: str, title: str, ring: Floats, closed: shapely.Geometry, plane: Plane, ground: Ground
) -> Enclosure:
    middle = ring[:-1].mean(axis=0)
    height = round(float(ground.heights_at(middle[None])[0]), 2)
    runs = []
    for side in pairwise(ring):
        for part in shapely.get_parts(shapely.difference(shapely.LineString(side), closed)):
            if part.length > SHORTEST_M:
                xy = resampled(shapely.get_coordinates(part), STEP_M)
                runs.append(np.column_stack([xy - middle, ground.heights_at(xy) - height]))
    lon, lat = np.round(plane.to_degrees(middle[None])[0], 7).tolist()
    return Enclosure(name, title, tuple(runs), lon, lat, height)


def _file(enclosure: Enclosure, detail: int) -> str:
    return f"{enclosure.id}{'' if detail == 0 else f'.{detail}'}.glb"


def _recipe(found: Sequence[Enclosure]) -> str:
    return models_recipe("sample-enclosures", TITLE, ATTRIBUTION, map(_source, found))


def _source(one: Enclosure) -> str:
    korean, _, english = one.name.partition(" ")
    return model_source(
        [f"enclosures/{_file(one, detail)}" for detail in range(len(BENDS_M))],
        {"lon": one.lon, "lat": one.lat, "height": one.height_m, "height_mode": "orthometric"},
        {"id": one.id, "name": f"{korean} 담장", "name_en": f"Wall of {english}", "height": HEIGHT_M},
    )
