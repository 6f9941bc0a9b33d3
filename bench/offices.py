"""The full real set as offices send it: `inspect --recipe`, `build` without an edit, a look at what came.

162,005 outlines become AL_D010 in its three vintages (23 fields on EPSG:5174, 24 and 29 on EPSG:5186;
CP949, zipped, without a .cpg), and once more with names and floors from 25 zips of TL_SPBD_BULD, joined by
parcel. Limits: no more than 0.1 % dropped, no name or use garbled, positions within 2 cm of the truth where
the grid is of today, 6 cm where it is Bessel's.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from bench.__main__ import ROOT, as_users_have_it
from smap.build.treefile import read_nodes
from smap.formats.glb import decode_glb
from smap.geo.ellipsoid import SEMI_MAJOR_M
from smap.sources.vector import VectorSpec, read_features
from smap.store import open_tiles
from tests.sources.offices import VINTAGES, Houses, al_d010, real_houses, tl_spbd_buld

__all__ = ["figures_of", "joined", "measure"]

WHOLE = "seoul_osm_buildings"
_USES = {"공동주택", "제1종근린생활시설", "창고시설"}
_GU = 25
_LIMIT_M = {5186: 0.02, 5174: 0.06}


def measure(data: Path, work: Path) -> dict[str, Any]:
    """Every vintage, and the join of 25 zips."""
    houses = real_houses(data, WHOLE)
    folder = work / "offices"
    shutil.rmtree(folder, ignore_errors=True)
    found = {str(fields): figures_of(folder / str(fields), houses, fields) for fields in VINTAGES}
    return {
        "limit": {"dropped_share": 0.001, "garbled": 0, "off_m": _LIMIT_M},
        "al_d010_by_fields": found,
        "with_25_zips_of_tl_spbd_buld": joined(folder / "joined", houses),
    }


def figures_of(folder: Path, houses: Houses, fields: int) -> dict[str, Any]:
    """AL_D010 of one vintage: how it is read, what was built, how far off it lies."""
    report, recipe = _built(al_d010(folder, houses, fields))
    rows = _rows(report)
    names = dict(zip(houses.id, houses.names, strict=True))
    wrong = sum(row["use"] not in _USES for row in rows.values())
    if fields == 29:
        wrong += sum((row["name"] or "") != names[row["id"]] for row in rows.values())
    return {
        **_counts(report, houses),
        "rows": len(rows),
        "garbled": wrong,
        "off_m": round(_off_m(recipe, houses), 4),
        "crs": VINTAGES[fields][1],
    }


def joined(folder: Path, houses: Houses) -> dict[str, Any]:
    """AL_D010 of 23 fields, which knows no names, with names and floors of the address office."""
    path = al_d010(folder, houses, 23)
    for gu, part in enumerate(np.array_split(np.arange(len(houses)), _GU)):
        ids = [houses.id[i] for i in part.tolist()]
        some = Houses(houses.shapes[part], ids, houses.height[part], houses.floors[part])
        tl_spbd_buld(folder / "juso", some, f"TL_SPBD_BULD_{gu:02}", start=int(part[0]))
    more = (
        '[[source.join]]\npath = "juso/TL_SPBD_BULD_*.zip"\nkey = "BD_MGT_SN"\non = "pnu"\n'
        'preset = "tl_spbd_buld"\n'
    )
    report, _ = _built(path, more)
    rows = _rows(report)
    floors = dict(zip(houses.id, houses.floors.tolist(), strict=True))
    kept = json.loads((Path(report["out"]) / "report.json").read_text(encoding="utf-8"))
    (figures,) = kept["figures"]["joins"]
    return {
        **_counts(report, houses),
        **{name: figures[name] for name in ("rows", "matched", "unmatched", "double_keys")},
        "named": sum(row["name"] is not None for row in rows.values()),
        "floors_amiss": sum((row["floors"] or 0) != floors[row["id"]] for row in rows.values()),
    }


def _built(path: Path, more: str = "") -> tuple[dict[str, Any], Path]:
    """The report of the build by the recipe that `inspect` prints, `more` set behind its source."""
    recipe = path.with_suffix(".toml")
    text = _smap("inspect", "--recipe", str(path))
    head, mark, rest = text.partition("[heights]")
    recipe.write_text(head + more + mark + rest, encoding="utf-8")
    began = time.perf_counter()
    told = _smap("build", str(recipe), "--workspace", str(path.parent / "var"), "--json")
    report: dict[str, Any] = json.loads(told.splitlines()[-1])
    return report | {"wall_s": round(time.perf_counter() - began, 1)}, recipe


def _smap(*words: str) -> str:
    command = [sys.executable, "-m", "smap.cli.main", *words]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, env=as_users_have_it()
    )
    if done.returncode:
        raise SystemExit(f"bench offices: {' '.join(words)}: {done.stderr[-2000:]}")
    return done.stdout


def _counts(report: dict[str, Any], houses: Houses) -> dict[str, Any]:
    return {
        "houses": len(houses),
        **{key: report[key] for key in ("features_read", "features_built", "dropped", "wall_s")},
    }


def _rows(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What the leaves say of each building, by its own id."""
    found: dict[str, dict[str, Any]] = {}
    fields = ("id", "name", "use", "floors")
    with open_tiles(Path(report["out"]) / f"{report['tileset']}.3tz") as tiles:
        for _, node in read_nodes(tiles):
            stored = tiles.get(str(node.content)) if not node.children else None
            table = decode_glb(stored.identity()).table if stored else None
            if table is None:
                continue
            columns = [
                table.columns[f].values.tolist() if f in table.columns else [None] * len(table)
                for f in fields
            ]
            found |= {row[0]: dict(zip(fields, row, strict=True)) for row in zip(*columns, strict=True)}
    return found


def _off_m(recipe: Path, houses: Houses) -> float:
    """The farthest that any vertex, read as the recipe says, lies from the true outline of its house.

    Where a ring crosses itself it is repaired with vertices of its own; these lie on the outline too.
    """
    source = tomllib.loads(recipe.read_text("utf-8"))["source"][0]
    per_degree = np.radians(1.0) * SEMI_MAJOR_M * np.array([np.cos(np.radians(37.55)), 1.0])
    origin = np.array([126.98, 37.55])
    truth = shapely.boundary(shapely.transform(houses.shapes, lambda xy: (xy - origin) * per_degree))
    worst = 0.0
    for chunk in read_features(VectorSpec(**source)):
        ours = (np.degrees(chunk.footprints.lonlat) - origin) * per_degree
        row = chunk.ordinal[chunk.footprints.vertex_feature]
        worst = max(worst, float(shapely.distance(shapely.points(ours), truth[row]).max()))
    return worst
