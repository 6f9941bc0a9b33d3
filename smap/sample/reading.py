"""Reading the sample's written facts: tiles/sample/facts.toml and the folder facts/ beside it."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.sample.facts import (
    ERAS,
    Area,
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

__all__ = ["read_facts"]

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
        waters=tuple(Area(w["name"], _course(plane, w["outline"]), w["height_m"]) for w in streams["water"]),
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
    return Stream(
        _line(plane, stream["name"], stream["points"]),
        stream["width_m"],
        stream["banks_m"],
        tuple(stream["open"]),
        None if start is None else _course(plane, [start])[0],
    )


def _street(plane: Plane, street: _Table) -> Street:
    course = _course(plane, street["points"])
    role, eras = street.get("role", "street"), tuple(street.get("eras", ERAS))
    return Street(street["name"], course, street["width_m"], role, eras)


def _court(plane: Plane, court: _Table) -> Court:
    eras = tuple(court.get("eras", ERAS))
    return Court(court["name"], court["kind"], _course(plane, court["outline"]), eras)


def _kind(kind: _Table) -> Kind:
    lanes = tuple((width, area) for width, area in kind["lane_m"])
    return Kind(
        **kind | {"lane_m": lanes, "gap_m": tuple(kind["gap_m"]), "height_m": tuple(kind["height_m"])}
    )


def _districts(plane: Plane, fabric: _Table, era: str) -> Iterator[District]:
    for group in fabric["districts"]:
        if group["era"] == era:
            for name, kind, lon, lat in group["places"]:
                yield District(name, kind, _course(plane, [[lon, lat]])[0])


def _villages(plane: Plane, villages: _Table) -> Villages:
    places = [[lon, lat] for _, lon, lat in villages.get("places", [])]
    xy = _course(plane, places) if places else np.empty((0, 2))
    return Villages(villages["kind"], xy, villages["reach_m"])
