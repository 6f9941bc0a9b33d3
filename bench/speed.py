"""The whole build of 162,005 real buildings from FlatGeobuf on built terrain, beside a bare loop and a peer.

Whole processes, start to end, wall and CPU seconds of them and all that they start; the best of three each,
in turns, and the peer once. The bare loop uses one core: read, earcut, roofs and walls in ECEF, one file of
float32; it knows no ground, no attributes and no levels. py3dtiles builds 20,000 of the same houses, given as
closed shells. Limit: 30,000 buildings a second; the aim is 50,000.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from bench.__main__ import ROOT, as_users_have_it
from bench.read import as_flatgeobuf
from bench.resume import recipe_of, workspace_with_terrain

__all__ = ["measure"]

_RUNS = 3
_PEER, _PEERS = "py3dtiles", 20_000


def measure(data: Path, work: Path) -> dict[str, Any]:
    """The best run of each; the terrain is built first and not counted."""
    source = as_flatgeobuf(data / "buildings" / "seoul_osm_buildings.geojsonl.gz", work / "seoul.fgb")
    city = workspace_with_terrain(work / "speed")
    out = work / "speed-out"
    python = [sys.executable, "-m"]
    smap = [*python, "smap.cli.main", "build", str(recipe_of(city, source)), "--workspace", str(city)]
    words = {"smap": [*smap, "--out", str(out), "--force", "--json"]}
    words |= {name: [*python, "bench.speed", name, str(source), str(out)] for name in LOOPS}
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in words}
    for turn in range(_RUNS):
        for name, command in words.items():
            if turn and name == _PEER:
                continue
            shutil.rmtree(out, ignore_errors=True)
            runs[name].append(_run(command))
    best = {name: min(found, key=lambda run: run["wall_s"]) for name, found in runs.items()}
    return {"limit": {"smap_per_s": 30_000}, **best}


def _take_in_orphans() -> None:
    """From now on processes whose parent has ended are ours, so that their seconds are counted (prctl(2))."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def _wait_for_orphans() -> None:
    with suppress(ChildProcessError):
        while True:
            os.wait()


def _run(command: list[str]) -> dict[str, Any]:
    """Wall and CPU seconds of a process and its children, and what it says of its work."""
    _take_in_orphans()
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    words: dict[str, Any] = {"capture_output": True, "text": True, "env": as_users_have_it()}
    done = subprocess.run(command, cwd=ROOT, check=False, **words)
    wall = time.perf_counter() - began
    _wait_for_orphans()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"bench speed: {' '.join(command)}: {done.stderr[-2000:]}")
    told = json.loads(done.stdout.splitlines()[-1])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    built = told["features_built"]
    found = {
        "buildings": built,
        "wall_s": round(wall, 2),
        "cpu_s": round(cpu, 2),
        "per_s": round(built / wall),
    }
    return found | ({"seconds": told["seconds"]} if "seconds" in told else {})


def bare(source: Path, out: Path) -> int:
    """Every outer ring as a prism of 6 m, one building after the other, into one file."""
    import mapbox_earcut
    import pyogrio
    import shapely

    from smap.geo.ellipsoid import to_ecef

    wkb = pyogrio.raw.read(str(source), columns=[])[2]
    out.mkdir(parents=True)
    with (out / "prisms.bin").open("wb") as file:
        for shape in shapely.from_wkb(wkb):
            ring = shapely.get_coordinates(shape.exterior)[:-1]
            roof = mapbox_earcut.triangulate_float64(ring, np.array([len(ring)], np.uint32))
            lon, lat = np.radians(ring).T
            corners = np.concatenate([to_ecef(lon, lat, 0.0), to_ecef(lon, lat, 6.0)])
            here = np.arange(len(ring))
            there = np.roll(here, -1)
            low, high = np.column_stack([here, there]), np.column_stack([here, there]) + len(ring)
            walls = np.column_stack([low, high[:, 1], low[:, :1], high[:, ::-1]])
            file.write((corners - corners[0]).astype(np.float32).tobytes())
            file.write(np.concatenate([roof + len(ring), walls.ravel()]).astype(np.uint32).tobytes())
    return len(wkb)


def py3dtiles(source: Path, out: Path) -> int:
    """As `py3dtiles export` does of a table: shells as WKB, a quadtree of b3dm with ids."""
    import pyogrio
    import shapely
    from py3dtiles.export import wkbs_to_tileset

    from smap.geo.ellipsoid import east_north_up, to_ecef

    wkb = pyogrio.raw.read(str(source), columns=[], max_features=_PEERS)[2]
    frame = east_north_up(np.radians(126.98), np.radians(37.56))
    shells = []
    for shape in shapely.from_wkb(wkb):
        lon, lat = np.radians(shapely.get_coordinates(shape.exterior)).T
        low, high = ((to_ecef(lon, lat, h) - frame[:3, 3]) @ frame[:3, :3] for h in (0.0, 6.0))
        sides = [np.array([a, b, d, c, a]) for a, b, c, d in zip(low, low[1:], high, high[1:], strict=False)]
        faces = [shapely.Polygon(face[:, [0, 2, 1]] * [1, 1, -1]) for face in (high, low[::-1], *sides)]
        shells.append(shapely.to_wkb(shapely.MultiPolygon(faces), output_dimension=3, flavor="iso"))
    out.mkdir(parents=True)
    ids = [str(number) for number in range(len(shells))]
    wkbs_to_tileset(shells, ids, frame.flatten("F").astype(np.float32), out)
    return len(shells)


LOOPS: dict[str, Callable[[Path, Path], int]] = {"bare": bare, _PEER: py3dtiles}


if __name__ == "__main__":
    count = LOOPS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
    print(json.dumps({"features_built": count}))
