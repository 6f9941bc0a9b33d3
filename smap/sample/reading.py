"""Reading the sample's written facts: tiles/sample/facts.toml and the folder facts/ beside it."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from smap.sample.facts import (
    ERAS,
    Area,
    Bridge,
    Court,
    District,
    Facts,
    Kind,
    Plane,
    Relief,
    Stream,
    Street,
    Villages,
)
from smap.sample.streams import along

__all__ = ["read_facts"]

STREAM_STEP_M = 20.0

_Table = dict[str, Any]


def read_facts(folder: Path) -> Facts:
    """Read the facts that lie in a folder (tiles/sample)."""
    area = _table(folder / "facts.toml")["area"]
    relief, streams, streets, courts, fabric = (
        _table(folder / "facts" / f"{name}.toml")
        for name in ("relief", "streams", "streets", "courts", "fabric")
    )
    west, south, east, north = (area[side] for side in ("west", "south", "east", "north"))
    plane = Plane(math.radians((west + east) / 2), math.radians((south + north) / 2))
    return Facts(
        plane=plane,
        bounds_deg=(west, south, east, north),
        spacing_m=area["spacing_m"],
        summits=tuple(
            _line(plane, s["name"], [[s["lon"], s["lat"], s["height_m"]]]) for s in relief["summit"]
        ),
        ridges=tuple(_line(plane, r["name"], r["points"]) for r in relief["ridge"]),
        spots=tuple(_line(plane, s["name"], [p]) for s in relief["spots"] for p in s["points"]),
        streams=tuple(_stream(plane, s) for s in streams["stream"]),
        waters=tuple(_water(plane, w) for w in streams["water"]),
        streets=tuple(_street(plane, s) for s in streets["street"]),
        courts=tuple(_court(plane, c) for c in courts["court"]),
        kinds={name: _kind(k) for name, k in fabric["kind"].items()},
        districts={era: tuple(_districts(plane, fabric, era)) for era in ERAS},
        villages={v["era"]: _villages(plane, v) for v in fabric["villages"]},
        roadside={v["era"]: _villages(plane, v) for v in fabric["roadside"]},
    )


def _table(path: Path) -> _Table:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _course(plane: Plane, points: list[list[float]]) -> NDArray[np.float64]:
    degrees = np.array(points, np.float64)
    return plane.to_plane(degrees[:, 0], degrees[:, 1])


def _line(plane: Plane, name: str, points: list[list[float]]) -> Relief:
    return Relief(name, _course(plane, points), np.array(points, np.float64)[:, 2])


def _stream(plane: Plane, stream: _Table) -> Stream:
    start = stream.get("open_from")
    points = np.array(stream["points"], np.float64)
    width = np.broadcast_to(stream["width_m"], len(points))
    xy, (height, wide) = _bent(_course(plane, stream["points"]), np.stack([points[:, 2], width]))
    return Stream(
        Relief(stream["name"], xy, height),
        wide,
        stream["banks_m"],
        tuple(stream["open"]),
        None if start is None else _course(plane, [start])[0],
        stream["source"],
        stream.get("walled", False),
        tuple(_bridge(plane, b) for b in stream.get("bridge", ())),
    )


def _bent(
    xy: NDArray[np.float64], values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A line (n, 2) through its points without corners, a point at least every STREAM_STEP_M; values (k, n)
    go evenly from point to point."""
    way = along(xy)
    steps = [
        np.linspace(a, b, max(2, int((b - a) / STREAM_STEP_M)), endpoint=False) for a, b in pairwise(way)
    ]
    at = np.concatenate([*steps, way[-1:]])
    return PchipInterpolator(way, xy)(at), np.stack([np.interp(at, way, value) for value in values])


def _bridge(plane: Plane, bridge: _Table) -> Bridge:
    xy = _course(plane, [[bridge["lon"], bridge["lat"]]])[0]
    return Bridge(
        bridge["id"],
        bridge["name"],
        bridge["name_en"],
        xy,
        bridge["width_m"],
        tuple(bridge.get("eras", ERAS)),
        bridge["source"],
        bridge.get("stone", False),
        bridge.get("arches", 0),
    )


def _water(plane: Plane, water: _Table) -> Area:
    outline = _course(plane, water["outline"])
    return Area(water["name"], outline, water["height_m"], water.get("modelled", False))


def _street(plane: Plane, street: _Table) -> Street:
    course = _course(plane, street["points"])
    role, eras = street.get("role", "street"), tuple(street.get("eras", ERAS))
    return Street(street["name"], course, street["width_m"], role, eras)


def _court(plane: Plane, court: _Table) -> Court:
    eras = tuple(court.get("eras", ERAS))
    return Court(court["name"], court["kind"], _course(plane, court["outline"]), eras)


def _kind(kind: _Table) -> Kind:
    lanes = tuple((width, area) for width, area in kind["lane_m"])
    tuples = {key: tuple(kind[key]) for key in ("gap_m", "height_m", "courts") if key in kind}
    return Kind(**kind | tuples | {"lane_m": lanes})


def _districts(plane: Plane, fabric: _Table, era: str) -> Iterator[District]:
    for group in fabric["districts"]:
        if group["era"] == era:
            for name, kind, lon, lat in group["places"]:
                yield District(name, kind, _course(plane, [[lon, lat]])[0])


def _villages(plane: Plane, villages: _Table) -> Villages:
    places = [[lon, lat] for _, lon, lat in villages.get("places", [])]
    xy = _course(plane, places) if places else np.empty((0, 2))
    return Villages(villages["kind"], xy, villages["reach_m"])
