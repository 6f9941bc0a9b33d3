"""The mountains beyond the sample's ground: an envelope of slopes about written ridges."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from smap.sample.facts import Facts, Plane
from smap.sample.ground import Ground
from smap.sample.landmarks.glb import plain_glb
from smap.sample.models_recipe import ATTRIBUTION, model_source, models_recipe
from smap.scene.pigments import pigment
from smap.scene.solids import Mesh, grid, only

__all__ = ["horizon_heights", "horizon_meshes", "read_crests", "write_horizon"]

Floats = NDArray[np.float64]

ASIDE_M, DEEP_M = 1800.0, 7200.0
"""So far the model goes to both sides of the sample's ground, and beyond its northern edge."""
PIECE_M, CELLS = 1800.0, 6
"""Sides of a piece, and of how many squares it is: light enough to be drawn from anywhere as it is."""
UNDER_M, LOWER_M = 60.0, 12.0
"""It begins so far inside the edge and so much lower, hidden by the ground."""
BLEND_M = 900.0
"""Over so much way the ground of the edge goes over into the slopes of the ridges."""
FALL = 0.62
"""Rise over run of the slopes beside a crest: Bukhansan's granite falls by 30 to 35 degrees."""
SPUR_M, SPURS = 46.0, (0.0041, 0.0093)
"""How much spurs and gullies rise and fall, and their waves a metre."""
BASE_M = 28.0
PLAIN_M = 20.0
"""What rises no higher over the base is left to the haze: a plain would show where it ends."""
KNOLL_M = 42.0
"""By so much at most one corner of a square differs from the next, so that no crest is level."""
ROCK_M, WOOD_M = 560.0, 120.0
ALONG_M = 70.0
TITLE = ("표본 도시 너머의 산", "Mountains beyond the sample")


def write_horizon(facts_folder: Path, facts: Facts, ground: Ground, out: Path) -> list[Path]:
    """Write out/horizon/*.glb and a recipe of models that places them."""
    (out / "horizon").mkdir(parents=True, exist_ok=True)
    crests = read_crests(facts_folder, facts.plane)
    sources = []
    for number, (origin, mesh) in enumerate(horizon_meshes(facts, ground, crests), start=1):
        file = f"horizon/bukhansan-{number:02d}.glb"
        (out / file).write_bytes(plain_glb(mesh))
        lon, lat = np.round(facts.plane.to_degrees(origin[None])[0], 7).tolist()
        place: dict[str, str | float] = {"lon": lon, "lat": lat, "height": 0.0, "height_mode": "orthometric"}
        name = {"id": f"bukhansan-{number:02d}", "name": "북한산", "name_en": "Bukhansan"}
        sources.append(model_source([file], place, dict(name)))
    path = out / "horizon.toml"
    recipe = models_recipe("sample-horizon", TITLE, ATTRIBUTION, sources, terrain=None)
    path.write_text(recipe, encoding="utf-8")
    return [path]


def horizon_meshes(facts: Facts, ground: Ground, crests: Floats) -> Iterator[tuple[Floats, Mesh]]:
    """Squares of slopes, each with its place (2,) on the plane; heights above the sea. crests: (n, 3)."""
    west, _, east, north = facts.extent()
    x = np.linspace(west - ASIDE_M, east + ASIDE_M, 1 + CELLS * round((east - west + 2 * ASIDE_M) / PIECE_M))
    y = np.linspace(north + 20.0, north + DEEP_M, 1 + CELLS * round(DEEP_M / PIECE_M))
    y[0] = north - UNDER_M
    xy = np.stack(np.meshgrid(x, y), axis=-1)
    up = horizon_heights(xy, facts, ground, crests)
    up[0] -= LOWER_M
    tints = _tints(up, PIECE_M / CELLS)
    for row, column in product(range(0, len(y) - 1, CELLS), range(0, len(x) - 1, CELLS)):
        part = slice(row, row + CELLS + 1), slice(column, column + CELLS + 1)
        middle = xy[part].reshape(-1, 2).mean(axis=0)
        points = np.concatenate([xy[part] - middle, up[part][..., None]], axis=-1)
        mesh = grid(points, tints[part])
        rises = mesh.positions[mesh.triangles, 2].max(axis=1) > BASE_M + PLAIN_M
        if rises.any():
            yield middle, only(mesh, rises)


def horizon_heights(xy: Floats, facts: Facts, ground: Ground, crests: Floats) -> Floats:
    """Metres above the sea at plane points (…, 2) beyond the northern edge; crests: (n, 3) on ridges."""
    flat = xy.reshape(-1, 2)
    highest = np.full(len(flat), BASE_M)
    for x, y, height in crests:
        far = np.hypot(flat[:, 0] - x, flat[:, 1] - y)
        highest = np.maximum(highest, height - FALL * far)
    highest += (_spurs(flat) + _knolls(flat)) * np.clip((highest - BASE_M) / 200.0, 0.0, 1.0)
    _, _, _, north = facts.extent()
    edge = ground.heights_at(np.column_stack([flat[:, 0], np.full(len(flat), north - UNDER_M)]))
    west, _, east, _ = facts.extent()
    beside = np.maximum(west - flat[:, 0], flat[:, 0] - east).clip(0.0) / BLEND_M
    own = np.clip((flat[:, 1] - north) / BLEND_M + beside, 0.0, 1.0)
    own = own * own * (3.0 - 2.0 * own)
    return np.asarray((own * highest + (1.0 - own) * edge).reshape(xy.shape[:-1]))


def _spurs(xy: Floats) -> Floats:
    """Gullies between spurs, from crossing waves that bend each other."""
    a, b = SPURS
    bent = 140.0 * np.sin(xy[:, 1] * b * 0.7 + 1.3)
    folds = np.abs(np.sin((xy[:, 0] + bent) * a)) + 0.6 * np.abs(np.sin((xy[:, 1] - 0.6 * xy[:, 0]) * b))
    return np.asarray(SPUR_M * (0.8 - folds))


def _knolls(xy: Floats) -> Floats:
    """Up and down without order, the same at the same place."""
    wild = np.sin(xy[:, 0] * 0.0127 + 3.1 * np.sin(xy[:, 1] * 0.0083)) * 43758.5453
    return np.asarray(KNOLL_M * (wild - np.floor(wild) - 0.5))


def _tints(up: Floats, step: float) -> NDArray[np.uint8]:
    """Woods that darken upward, bare granite on what is high and steep."""
    meadow, forest, deep, rock = pigment("meadow", "forest", "deep", "rock").astype(np.float64)
    slope = np.hypot(*np.gradient(up, step))
    low = np.clip(up / WOOD_M, 0.0, 1.0)[..., None]
    high = np.clip((up - WOOD_M) / (ROCK_M - WOOD_M), 0.0, 1.0)[..., None]
    bare = (np.clip((up - 380.0) / 220.0, 0.0, 1.0) * np.clip((slope - 0.35) / 0.3, 0.0, 1.0))[..., None]
    wood = meadow + (forest - meadow) * low + (deep - forest) * high
    return np.asarray(wood + (rock - wood) * bare, np.float64).round().astype(np.uint8)


def read_crests(facts_folder: Path, plane: Plane) -> Floats:
    """Points every ALONG_M of all written ridges: (n, 3) on the plane, metres above the sea."""
    stored = tomllib.loads((facts_folder / "facts" / "horizon.toml").read_text(encoding="utf-8"))["ridge"]
    found = []
    for ridge in stored:
        points = np.array(ridge["points"], np.float64)
        xy = plane.to_plane(points[:, 0], points[:, 1])
        way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(xy, axis=0), axis=1))])
        at = np.linspace(0.0, way[-1], max(2, round(way[-1] / ALONG_M) + 1))
        values = np.column_stack([xy, points[:, 2]])
        found.append(np.column_stack([np.interp(at, way, values[:, k]) for k in range(3)]))
    return np.concatenate(found)
