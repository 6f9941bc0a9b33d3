"""The wall's course as a content layer: the editors' sections and segments drawn along the ridge."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import shapely.ops
from numpy.typing import NDArray

from smap.sample.facts import Plane
from smap.sample.ground import Ground
from smap.sample.stubs import Stub, stub_at
from smap.scene.ridge import VERTEX_M, eased, legs_between, surface_length

__all__ = ["Course", "Section", "draw_course", "layer_of", "stretches_of"]

DRAWN = "2026-11-26"
LEAST_SURE_M = 100.0
"""No point of a way between control points is surer than this: nobody has measured it."""

_Record = dict[str, Any]


@dataclass(frozen=True)
class Section:
    """One section: its record, its drawn course xy (n, 2) on the plane, and which of its points are control
    points: control (n,), the index of one, or −1 − k after control point k.

    length_m (n − 1,): of each piece of the course, along the ground; lost (n − 1,): the source of the segment
    that tells that the piece stands no more, else ""; spans: where its segments begin and end, by their ids,
    metres along the course on the plane.
    """

    record: _Record
    xy: NDArray[np.float64]
    control: NDArray[np.int64]
    length_m: NDArray[np.float64]
    lost: NDArray[np.str_]
    spans: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Course:
    """The whole loop: its sections in the order of the walk, and all records of the layer."""

    sections: tuple[Section, ...]
    records: tuple[_Record, ...]

    def loop(self) -> NDArray[np.float64]:
        """The loop on the plane, float64 (n, 2), without a repeated end."""
        return np.concatenate([section.xy[:-1] for section in self.sections])

    def length_m(self, *, standing: bool = False) -> float:
        """Metres along the ground: of all of it, or of what stands or is restored."""
        kept = [s.length_m[s.lost == ""] if standing else s.length_m for s in self.sections]
        return float(np.concatenate(kept).sum())

    def lines(self, *, standing: bool) -> NDArray[np.object_]:
        """Shapely LineStrings on the plane of every piece, or of those that stand."""
        parts = [
            np.stack([s.xy[:-1], s.xy[1:]], axis=1)[(s.lost == "") | (not standing)] for s in self.sections
        ]
        return np.asarray(shapely.linestrings(np.concatenate(parts)), object)


def draw_course(plane: Plane, ground: Ground, content: Path, stubs: Sequence[Stub] = ()) -> Course:
    """Draw the sections of content (wall.geojson) over the ground; its segments tell what is lost.

    stubs: the gates through which it runs straight.
    """
    records = json.loads(content.read_text(encoding="utf-8"))["features"]
    ways = [_way(plane, ground, r, stubs) for r in records if r["properties"]["category"] == "section"]
    segments = [r for r in records if r["properties"].get("section")]
    sections = [_in_segments(plane, s, segments) for s in _sections(ground, ways)]
    return Course(tuple(sections), tuple(records))


def layer_of(course: Course, plane: Plane) -> str:
    """The layer as GeoJSON, as `smap content import --layer wall` reads it.

    Every vertex tells whether it is a control point (its own name) or lies on the way between two.
    """
    drawn = {s.record["id"]: _record_of(s, plane) for s in course.sections}
    by_id = {record["id"]: record for record in course.records}
    for section in course.sections:
        drawn |= {id: _segment_of(section, by_id[id], plane) for id in section.spans}
    features = [drawn.get(record["id"], record) for record in course.records]
    return (
        json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, indent=1) + "\n"
    )


def stretches_of(course: Course, plane: Plane) -> str:
    """The stretches that stand and that are lost, as GeoJSON lines, each with its length and source."""
    features = []
    for section in course.sections:
        turns = np.flatnonzero(section.lost[1:] != section.lost[:-1]) + 1
        for start, end in pairwise([0, *turns.tolist(), len(section.lost)]):
            source = str(section.lost[start])
            line = np.round(plane.to_degrees(section.xy[start : end + 1]), 6).tolist()
            properties = {
                "section": section.record["id"],
                "state": "lost" if source else "standing or restored",
                "length_m": round(float(section.length_m[start:end].sum()), 1),
                "source": source or "what no source names as lost",
            }
            geometry = {"type": "LineString", "coordinates": line}
            features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return (
        json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, indent=1) + "\n"
    )


@dataclass(frozen=True)
class _Way:
    """A section before its turns are eased; held (n,): its points that stay, as control points and gates."""

    record: _Record
    xy: NDArray[np.float64]
    control: NDArray[np.int64]
    held: NDArray[np.bool_]


def _way(plane: Plane, ground: Ground, record: _Record, stubs: Sequence[Stub]) -> _Way:
    degrees = np.array(record["geometry"]["coordinates"], np.float64)
    points = plane.to_plane(degrees[:, 0], degrees[:, 1])
    gates = [stub_at(stubs, xy) for xy in points]
    leaves = np.stack([xy if gate is None else gate.leaves for xy, gate in zip(points, gates, strict=True)])
    arrives = np.stack([xy if gate is None else gate.arrives for xy, gate in zip(points, gates, strict=True)])
    parts, control, held = [], [], []
    for k, leg in enumerate(legs_between(ground, np.stack([leaves[:-1], arrives[1:]], axis=1))):
        out, into = _straight(points[k], leaves[k]), _straight(arrives[k + 1], points[k + 1])
        parts += [out[:-1], leg.xy, into[1:-1]] if len(into) > 1 else [out[:-1], leg.xy[:-1]]
        size = sum(len(part) for part in parts[-3 if len(into) > 1 else -2 :])
        stays = np.zeros(size, bool)
        stays[: len(out)], stays[size - len(into) + 1 :] = True, True
        control.append(np.r_[k, np.full(size - 1, -1 - k)])
        held.append(stays)
    xy = np.concatenate([*parts, points[-1:]])
    return _Way(
        record, xy, np.r_[np.concatenate(control), len(points) - 1], np.r_[np.concatenate(held), True]
    )


def _straight(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points from one to the other, both included; a single one where they are the same."""
    far = float(np.linalg.norm(other - one))
    share = np.linspace(0.0, 1.0, max(2, round(far / VERTEX_M) + 1) if far else 1)
    return np.asarray(one + share[:, None] * (other - one))


def _sections(ground: Ground, ways: Sequence[_Way]) -> list[Section]:
    """The sections with their turns eased along the whole loop."""
    loop = eased(
        np.concatenate([way.xy[:-1] for way in ways]), np.concatenate([way.held[:-1] for way in ways])
    )
    sections, start = [], 0
    for way in ways:
        xy = np.take(loop, np.arange(start, start + len(way.xy)), axis=0, mode="wrap")
        start += len(way.xy) - 1
        length = np.array([surface_length(ground, np.stack(piece)) for piece in pairwise(xy)])
        lost = np.full(len(length), "", object).astype(str)
        sections.append(Section(way.record, xy, way.control, length, lost, {}))
    return sections


def _in_segments(plane: Plane, section: Section, segments: Sequence[_Record]) -> Section:
    """The section with where its segments lie on it, and what of it they call lost."""
    own = [r for r in segments if r["properties"]["section"] == section.record["id"]]
    line = shapely.LineString(section.xy)
    spans = {}
    for record in own:
        degrees = np.array(record["geometry"]["coordinates"], np.float64)[[0, -1]]
        ends = shapely.points(plane.to_plane(degrees[:, 0], degrees[:, 1]))
        low, high = sorted(shapely.line_locate_point(line, ends).tolist())
        spans[record["id"]] = (low, high)
    far = np.linalg.norm(np.diff(section.xy, axis=0), axis=1)
    middle = np.cumsum(far) - far / 2
    lost = section.lost.astype(object)
    for record in (r for r in own if r["properties"].get("state") == "lost"):
        low, high = spans[record["id"]]
        lost[(low <= middle) & (middle < high)] = record["properties"]["source"]
    return replace(section, lost=lost.astype(str), spans=spans)


def _record_of(section: Section, plane: Plane) -> _Record:
    record = copy.deepcopy(section.record)
    properties, given = record["properties"], section.record["properties"]["vertices"]
    vertices = [_vertex(section, i, given) for i in range(len(section.xy))]
    line = np.round(plane.to_degrees(section.xy), 6)
    controls = section.control >= 0
    line[controls] = np.array(section.record["geometry"]["coordinates"])[section.control[controls]]
    record["geometry"]["coordinates"] = line.tolist()
    properties["vertices"] = vertices
    _tell_position(properties, max(v["position_accuracy_m"] for v in vertices))
    return record


def _segment_of(section: Section, given: _Record, plane: Plane) -> _Record:
    """A segment drawn as its section runs there."""
    record = copy.deepcopy(given)
    part = shapely.ops.substring(shapely.LineString(section.xy), *section.spans[given["id"]])
    record["geometry"] = {
        "type": "LineString",
        "coordinates": np.round(plane.to_degrees(shapely.get_coordinates(part)), 6).tolist(),
    }
    properties = record["properties"]
    properties.pop("vertices", None)
    _tell_position(properties, max(properties["position_accuracy_m"], LEAST_SURE_M))
    return record


def _tell_position(properties: _Record, accuracy_m: float) -> None:
    way = "between them the way of least cost along the ridge of the sample's ground"
    properties["position_source"] = f"{properties['position_source']}; {way}"
    properties["position_date"] = DRAWN
    properties["position_accuracy_m"] = accuracy_m
    if accuracy_m > LEAST_SURE_M:
        properties["position_approximate"] = True


def _vertex(section: Section, i: int, given: list[_Record]) -> _Record:
    index = int(section.control[i])
    if index >= 0:
        return given[index]
    one, other = given[-1 - index], given[-index]
    lost = str(section.lost[min(i, len(section.lost) - 1)])
    state = ("없어진 성벽", "wall lost") if lost else ("성벽", "wall")
    way = "least-cost way along the ridge of the sample's ground, no survey"
    return {
        "name_ko": f"{one['name_ko']}에서 {other['name_ko']} 사이 ({state[0]})",
        "name_en": f"Between {one['name_en']} and {other['name_en']} ({state[1]})",
        "source": f"{way}; lost: {lost}" if lost else way,
        "date": DRAWN,
        "position_accuracy_m": max(one["position_accuracy_m"], other["position_accuracy_m"], LEAST_SURE_M),
    }
