"""The wall in stone: stretches of the drawn course as models that follow the ground of the sample.

Cross-section after the published figures: walls of 5 to 8 m (seoulcitywall.seoul.go.kr); on top a walk and,
along the outer edge, the parapet (여장), cut into merlons (타) that step down with the slope. Inside, the
ground is drawn as low as outside: how high the city side is filled up is not known stretch by stretch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.sample.course import Course, Section
from smap.sample.facts import Plane
from smap.sample.ground import Ground
from smap.sample.landmarks.glb import plain_glb
from smap.sample.models_recipe import ATTRIBUTION, model_source, models_recipe
from smap.scene.solids import Mesh, join, sweep
from smap.scene.wall import BATTER, GAP_M, MERLON_M, STEPS_M, battlement, evened, resampled

__all__ = ["Stretch", "stretches", "wall_mesh", "write_rampart"]

Floats = NDArray[np.float64]

HEIGHT_M = 6.0
"""To the top of the parapet, above the ground along the middle."""
WALK_M = 4.7
PARAPET_M = 0.8  # its thickness
OUTER_M, INNER_M = -1.7, 1.6  # from the middle to the edges of the walk; what is outside counts negative
FOOT_M = -5.0  # so deep reach the stones below the ground drawn along the middle
STRETCH_M = 180.0
COURSES = ("granite_dark", "granite_cool", "granite_warm", "granite")
"""Of stones, from the foot: the oldest lie lowest."""
INTO_GATE_M = 1.0
"""So far a stretch reaches into the outline of a gate."""
SHORTEST_M = 4.0
TITLES = {
    True: ("표본 도시의 한양도성", "The city wall of the sample"),
    False: ("표본 도시의 없어진 성벽(복원도)", "The lost wall of the sample: a reconstruction"),
}


@dataclass(frozen=True)
class Stretch:
    """One piece of the wall: line (n, 3), metres east, north and up from its place; lon, lat: degrees.

    height_m: of its place above the sea. stands: today; else in Hanyang alone.
    """

    id: str
    section: Section
    line: Floats
    lon: float
    lat: float
    height_m: float
    stands: bool


def stretches(
    course: Course, plane: Plane, ground: Ground, gates: Sequence[shapely.Polygon]
) -> Iterator[Stretch]:
    """All stretches of the loop, in the order of the walk. gates: outlines on the plane that hold no wall."""
    closed = shapely.union_all([shapely.buffer(gate, -INTO_GATE_M) for gate in gates])
    for section in course.sections:
        is_lost = section.lost != ""
        turns = np.flatnonzero(is_lost[1:] != is_lost[:-1]) + 1
        number = 0
        for start, end in pairwise([0, *turns.tolist(), len(is_lost)]):
            run = shapely.difference(shapely.LineString(section.xy[start : end + 1]), closed)
            for line in (line for part in shapely.get_parts(run) for line in _cut(part)):
                number += 1
                name = f"{section.record['id']}-{number:02d}"
                yield _stretch(name, section, line, plane, ground, stands=not is_lost[start])


def wall_mesh(line: Floats, detail: int) -> Mesh:
    """The wall along a line (n, 3) that has the city to its right."""
    way = resampled(line, STEPS_M[detail])
    courses = COURSES if detail == 0 else COURSES[-1:]
    top = HEIGHT_M if detail == 2 else WALK_M
    z = [FOOT_M, *np.linspace(0.0, top, len(courses) + 1)[1:]]
    lean = [BATTER * (top - at) for at in z]
    outer = [(OUTER_M - a, at) for a, at in zip(lean, z, strict=True)]
    inner = [(INNER_M + a, at) for a, at in zip(lean, z, strict=True)]
    body = sweep([*courses, "paving", *courses[::-1]], way, [*outer, *inner[::-1]])
    if detail == 2:
        return body
    if detail == 1:
        a, b = OUTER_M, OUTER_M + PARAPET_M
        rim = [(a, top), (a, HEIGHT_M), (b, HEIGHT_M), (b, top)]
        return join([body, sweep(["granite_light", "jeondol", "granite_light"], way, rim)])
    edge = OUTER_M, OUTER_M + PARAPET_M
    return join([body, battlement(line, z=(WALK_M - 0.3, HEIGHT_M), length=(MERLON_M, GAP_M), edge=edge)])


def write_rampart(
    course: Course, plane: Plane, ground: Ground, gates: Sequence[Floats], out: Path
) -> list[Path]:
    """Write out/wall/*.glb and two recipes of models: what stands, and what stood in Hanyang alone.

    gates: outlines that hold no wall, rings (k, 2) in degrees.
    """
    folder = out / "wall"
    folder.mkdir(parents=True, exist_ok=True)
    outlines = [shapely.polygons(plane.to_plane(ring[:, 0], ring[:, 1])) for ring in gates]
    found = list(stretches(course, plane, ground, outlines))
    for stretch in found:
        for detail in range(len(STEPS_M)):
            (folder / _file(stretch, detail)).write_bytes(plain_glb(wall_mesh(stretch.line, detail)))
    recipes = []
    for stands, name in ((True, "wall"), (False, "wall_hanyang")):
        path = out / f"{name}.toml"
        path.write_text(_recipe([s for s in found if s.stands == stands], stands=stands), encoding="utf-8")
        recipes.append(path)
    return recipes


def _cut(line: shapely.LineString) -> Iterator[Floats]:
    """A line on the plane in pieces of about one stretch, evened: each (n, 2)."""
    if line.length < SHORTEST_M:
        return
    xy = evened(resampled(shapely.get_coordinates(line), STEPS_M[0]))
    count = max(1, round(line.length / STRETCH_M))
    ends = np.linspace(0, len(xy) - 1, count + 1).round().astype(int)
    for start, end in pairwise(ends.tolist()):
        yield xy[start : end + 1]


def _stretch(
    name: str, section: Section, xy: Floats, plane: Plane, ground: Ground, *, stands: bool
) -> Stretch:
    up = evened(ground.heights_at(xy)[:, None])[:, 0]
    middle = xy[len(xy) // 2]
    height = round(float(up[len(xy) // 2]), 2)
    lon, lat = np.round(plane.to_degrees(middle[None])[0], 7).tolist()
    line = np.column_stack([xy - middle, up - height])
    return Stretch(name, section, line, lon, lat, height, stands)


def _file(stretch: Stretch, detail: int) -> str:
    return f"{stretch.id}{'' if detail == 0 else f'.{detail}'}.glb"


def _recipe(found: Sequence[Stretch], *, stands: bool) -> str:
    name, era = ("sample-wall", None) if stands else ("sample-wall-hanyang", "hanyang")
    return models_recipe(name, TITLES[stands], ATTRIBUTION, map(_source, found), era=era, depicts="wall")


def _source(stretch: Stretch) -> str:
    record = stretch.section.record
    return model_source(
        [f"wall/{_file(stretch, detail)}" for detail in range(len(STEPS_M))],
        {
            "lon": stretch.lon,
            "lat": stretch.lat,
            "height": stretch.height_m,
            "height_mode": "orthometric",
        },
        {
            "id": stretch.id,
            "name": record["properties"]["name_ko"],
            "name_en": record["properties"]["name_en"],
            "height": HEIGHT_M,
            "content": f"wall/{record['id']}",
        },
    )
