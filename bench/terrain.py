"""Terrain of a made 4096 x 4096 raster to level 14, beside pydelatin and quantized-mesh-encoder, and judged.

The raster is the real 90 m model of Seoul stretched to 30 m cells on 123 km, with made roughness of some
metres. Both whole processes read it and write every tile of levels 0 to 14 over the same bounds, at the
peer's bound: 4.7 m at level 14, at each coarser one what clients assume (77,067 / 2^z m). The peer writes no
normals, water, metadata or matched edges, and packs nothing; it samples by our own reader (0.60 ms a tile of
129 x 129 where GDAL's WarpedVRT takes 0.45, but all of the raster for a coarse one). It runs twice: with 129
samples a side, as our tiles have unless a recipe asks for an error, and with the 65 that ours have here. Ours
is then looked at: errors at 10,000 places on each level, all shared edges, triangles without area, what a
look-up takes. A made raster of 20,000 x 20,000 cells of 3 m is built for its memory.

The peers are in the extra `dev`; where they are not installed the figures say so.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.__main__ import ROOT, as_users_have_it
from smap.formats import quantized_mesh
from smap.formats.quantized_mesh import QuantizedMesh
from smap.geo.geoid import undulation
from smap.geo.grid import Tile, columns_rows
from smap.ground import Ground
from smap.sources.elevation import Raster
from smap.sources.raster import RasterSpec, open_raster
from smap.store import TileReader, open_tiles
from smap.tiling.terrain import LEVEL_0_ERROR_M

__all__ = ["measure"]

_LEVEL, _BOUND_M = 14, 4.7
_SIDE, _LARGE = 4096, 20_000
_WIDE_M, _LARGE_WIDE_M = 4096 * 30.0, 20_000 * 3.0
_POINTS = 10_000
_GRIDS = {"peer": 129, "peer_of_65_samples": 65}
"""Samples a side that the peer triangulates."""
_LOOKED_UP, _SQUARE = 10_000, 0.05
"""Places of a batch, and the side of the square in degrees that they lie in: 5 km."""


def measure(data: Path, work: Path) -> dict[str, Any]:
    """Speed of both, and what the tiles are."""
    folder = work / "terrain"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    raster = made_raster(data, folder / "made.tif", _SIDE, _WIDE_M)
    runs = {"smap": _smap(folder, raster)}
    if find_spec("pydelatin") and find_spec("quantized_mesh_encoder"):
        for name, side in _GRIDS.items():
            command = [sys.executable, "-m", "bench.terrain", str(raster), str(folder / name), str(side)]
            runs[name] = _run(command)
            runs[f"times_the_{name}"] = {
                rate: round(runs["smap"][rate] / runs[name][rate], 2)
                for rate in ("tiles_per_s", "tiles_per_cpu_s")
            }
    else:
        missing = {"left_out": "pydelatin and quantized-mesh-encoder are not installed"}
        runs |= dict.fromkeys(_GRIDS, missing)
    runs["smap"]["bytes_per_tile"] = round(
        (folder / "out" / "made.3tz").stat().st_size / runs["smap"]["tiles"]
    )
    with open_tiles(folder / "out" / "made.3tz") as tiles:
        judged = judge(tiles, open_raster(RasterSpec(raster))) | {"look_up": _look_ups(Ground(tiles))}
    large = made_raster(data, folder / "large.tif", _LARGE, _LARGE_WIDE_M)
    return {
        "limit": {
            "times_the_peer": 3.0,
            "peak_rss_mb": 1000,
            "large_peak_rss_mb": 1500,
            "level_14_m": _BOUND_M,
        },
        **runs,
        **judged,
        "large": _smap(folder, large) | {"cells": _LARGE**2},
    }


def made_raster(data: Path, path: Path, side: int, wide_m: float) -> Path:
    """The real model on `side` x `side` cells, with roughness of up to some metres, as tiled GeoTIFF."""
    import rasterio
    from scipy.ndimage import map_coordinates

    source = open_raster(RasterSpec(data / "terrain" / "seoul_dem_90m_epsg5186.tif", "EPSG:5186"))
    heights = source.overviews.heights[0].window(slice(0, 256), slice(0, 256))
    cell = wide_m / side
    rough = np.random.default_rng(5).normal(0.0, 1.5, (257, 257)).astype(np.float32)
    transform = rasterio.Affine(cell, 0.0, 180_646.0, 0.0, -cell, 565_703.0)
    form = {"tiled": True, "blockxsize": 256, "blockysize": 256, "compress": "deflate", "crs": "EPSG:5186"}
    strip = 256
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=side,
        height=side,
        count=1,
        dtype="float32",
        transform=transform,
        **form,
    ) as file:
        column = np.arange(side) / side * 256
        for top in range(0, side, strip):
            row = np.arange(top, min(top + strip, side)) / side * 256
            at = np.meshgrid(row, column, indexing="ij")
            smooth = map_coordinates(heights, at, order=1, mode="nearest", output=np.float32)
            fine = map_coordinates(rough, [(a * 16) % 256 for a in at], order=1, output=np.float32)
            file.write(smooth + fine, 1, window=((top, top + len(row)), (0, side)))
    return path


def _smap(folder: Path, raster: Path) -> dict[str, Any]:
    recipe = folder / f"{raster.stem}.toml"
    recipe.write_text(
        f'[tileset]\nname = "{raster.stem}"\nkind = "terrain"\nattribution = "made for a benchmark"\n'
        f'[[source]]\npath = "{raster.name}"\n[ground]\nvertical_datum = "EPSG:5193"\n'
        f"[levels]\nmax = {_LEVEL}\nerror_m = {_BOUND_M / 2.0}\n",
        encoding="utf-8",
    )
    command = [
        sys.executable,
        "-m",
        "smap.cli.main",
        "build",
        str(recipe),
        "--workspace",
        str(folder / "var"),
    ]
    return _run([*command, "--out", str(folder / "out"), "--force", "--json"])


def _run(command: list[str]) -> dict[str, Any]:
    """Tiles, wall and CPU seconds of a process and its children, and the sum of their peaks."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, env=as_users_have_it()
    )
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"bench terrain: {' '.join(command)}: {done.stderr[-2000:]}")
    told = json.loads(done.stdout.splitlines()[-1])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "tiles": told["tiles"],
        "wall_s": round(wall, 2),
        "cpu_s": round(cpu, 2),
        "tiles_per_s": round(told["tiles"] / wall),
        "tiles_per_cpu_s": round(told["tiles"] / cpu),
        "peak_rss_mb": round(told["peak_rss_mb"]),
    }


def judge(tiles: TileReader, raster: Raster) -> dict[str, Any]:
    """Errors, edges and triangles of an archive of this raster."""
    return {"largest_error_m": _errors(Ground(tiles), raster), **_shapes(tiles)}


def _look_ups(ground: Ground) -> dict[str, float]:
    """Times of a place alone, of a batch in tiles decoded before or not, and of one all over the raster."""
    random = np.random.default_rng(4)
    west, south, east, north = np.radians(ground.bounds_deg)
    lon, lat = (west + east) / 2, (south + north) / 2
    near = np.radians(random.uniform(-_SQUARE / 2, _SQUARE / 2, (2, _LOOKED_UP)))
    wide = random.uniform((west, south), (east, north), (_LOOKED_UP, 2)).T
    first = _milliseconds(lambda: ground.heights(lon + near[0], lat + near[1]))
    batch = min(_milliseconds(lambda: ground.heights(lon + near[0], lat + near[1])) for _ in range(3))
    places = list(zip(lon + near[0, :1000], lat + near[1, :1000], strict=True))
    alone = _milliseconds(lambda: [ground.heights(*place) for place in places])
    return {
        "places": _LOOKED_UP,
        "one_us": round(alone, 1),
        "batch_ms": round(batch, 1),
        "batch_first_ms": round(first, 1),
        "batch_wide_ms": round(_milliseconds(lambda: ground.heights(*wide)), 1),
    }


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e3


def _errors(ground: Ground, raster: Raster) -> dict[str, Any]:
    """At random places within the raster, the farthest of each level beside what clients take it for."""
    random = np.random.default_rng(3)
    west, south, east, north = raster.bounds
    lon, lat = random.uniform(west, east, 2 * _POINTS), random.uniform(south, north, 2 * _POINTS)
    known = raster.sample(lon, lat)
    inside = np.flatnonzero(known.valid)[:_POINTS]
    truth = known.height[inside] + undulation(lon[inside], lat[inside])
    found = {}
    for z in range(ground.level + 1):
        off = np.abs(ground.heights(lon[inside], lat[inside], z) - truth).max()
        found[str(z)] = {"m": round(float(off), 2), "bound_m": round(LEVEL_0_ERROR_M / 2**z, 2)}
    return found


def _shapes(tiles: TileReader) -> dict[str, Any]:
    meshes = dict(_meshes(tiles))
    pairs = unlike = degenerate = 0
    apart = gap = 0.0
    for (z, x, y), mesh in meshes.items():
        degenerate += _degenerate(mesh)
        for other, mine, theirs, along in (
            ((z, x + 1, y), mesh.east, "west", "v"),
            ((z, x, y + 1), mesh.north, "south", "u"),
        ):
            beside = meshes.get(other)
            if beside is None:
                continue
            pairs += 1
            yours = getattr(beside, theirs)
            same = np.array_equal(getattr(mesh, along)[mine], getattr(beside, along)[yours])
            unlike += not same
            if same:
                apart = max(apart, float(np.abs(mesh.heights()[mine] - beside.heights()[yours]).max()))
        gap = max(gap, _gap_to_coarser(meshes, (z, x, y)))
    return {
        "shared_edges": pairs,
        "edges_of_unlike_vertices": unlike,
        "edges_apart_m": apart,
        "gap_one_level_apart_share_of_error": round(gap, 3),
        "degenerate_triangles": degenerate,
    }


def _meshes(tiles: TileReader) -> Iterator[tuple[tuple[int, int, int], QuantizedMesh]]:
    for name in tiles.names():
        if name.endswith(".terrain"):
            z, x, y = (int(part) for part in name.removesuffix(".terrain").split("/"))
            stored = tiles.get(name)
            assert stored is not None
            yield (z, x, y), quantized_mesh.decode(stored.identity())


def _degenerate(mesh: QuantizedMesh) -> int:
    a, b, c = (np.stack([mesh.u, mesh.v], axis=1).astype(np.int64)[mesh.triangles[:, k]] for k in range(3))
    ab, ac = b - a, c - a
    return int((ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0] <= 0).sum())


def _gap_to_coarser(meshes: Mapping[tuple[int, int, int], QuantizedMesh], key: tuple[int, int, int]) -> float:
    """The widest gap of a tile's sides to the neighbours one level up, as a share of the tile's own error."""
    z, x, y = key
    mesh, worst = meshes[key], 0.0
    sides = ((1, 0, mesh.east, "west"), (-1, 0, mesh.west, "east"), (0, 1, mesh.north, "south"))
    for dx, dy, mine, theirs in (*sides, (0, -1, mesh.south, "north")):
        up = (z - 1, (x + dx) // 2, (y + dy) // 2)
        coarser = meshes.get(up)
        if coarser is None or up == (z - 1, x // 2, y // 2):
            continue
        own, other, half = (mesh.v, coarser.v, y % 2) if dx else (mesh.u, coarser.u, x % 2)
        yours = getattr(coarser, theirs)
        at = (own[mine].astype(np.float64) + half * quantized_mesh.FULL) / 2.0
        there = np.interp(at, other[yours], coarser.heights()[yours])
        worst = max(worst, float(np.abs(mesh.heights()[mine] - there).max()) / (LEVEL_0_ERROR_M / 2**z))
    return worst


def peer(path: Path, out: Path, side: int) -> int:
    """Every tile as users of these libraries write it: samples, Delatin, quantized mesh, a file."""
    from pydelatin import Delatin
    from pydelatin.util import rescale_positions
    from quantized_mesh_encoder import encode

    raster = open_raster(RasterSpec(path))
    west, south, east, north = raster.bounds
    count = 0
    for z in range(_LEVEL + 1):
        columns, rows = columns_rows(z, [west, east], [south, north])
        bound = _BOUND_M if z == _LEVEL else LEVEL_0_ERROR_M / 2**z
        for x in range(2) if z == 0 else range(int(columns[0]), int(columns[1]) + 1):
            for y in range(1) if z == 0 else range(int(rows[0]), int(rows[1]) + 1):
                _peer_tile(raster, Tile(z, x, y), (bound, side), out, (Delatin, rescale_positions, encode))
                count += 1
    return count


def _peer_tile(
    raster: Raster, tile: Tile, wanted: tuple[float, int], out: Path, made_by: tuple[Any, Any, Any]
) -> None:
    delatin, rescale, encode = made_by
    bound, side = wanted
    west, south, east, north = tile.region_rad
    lon, lat = np.linspace(west, east, side), np.linspace(north, south, side)
    heights: NDArray[np.float64] = raster.sample_grid(lon, lat[::-1]).height[::-1]
    mesh = delatin(heights.astype(np.float32), max_error=bound)
    degrees = tuple(np.degrees(tile.region_rad).tolist())
    positions = rescale(mesh.vertices.reshape(-1, 3), degrees, flip_y=True)
    path = out / str(tile.z) / str(tile.x) / f"{tile.y}.terrain"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        encode(file, positions, mesh.triangles.reshape(-1, 3), bounds=degrees)


if __name__ == "__main__":
    from smap.build.executors import peak_memory_mb

    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    made = peer(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
    print(json.dumps({"tiles": made, "peak_rss_mb": peak_memory_mb()}))
