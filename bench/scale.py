"""Two million buildings: shifted copies of the real Seoul in one build, and the memory of all its processes.

Thirteen FlatGeobuf files, each the whole set moved by 0.45 degrees of longitude and 0.3 of latitude, read by
one glob. The first copy stands on the real terrain, the others beyond it. Limit: 1.5 GB for all processes
together.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.__main__ import ROOT
from bench.resume import recipe_of, workspace_with_terrain

__all__ = ["measure", "write_copies"]

_COPIES, _ROW = 13, 4
_STEP_DEG = np.array([0.45, 0.3])
_LIMIT_MB = 1536


def measure(data: Path, work: Path) -> dict[str, Any]:
    """Build all copies once; what is told beside the report is the memory that was watched from outside."""
    copies = work / "copies"
    write_copies(data / "buildings" / "seoul_osm_buildings.geojsonl.gz", copies, _COPIES)
    city = workspace_with_terrain(work / "scale")
    recipe = recipe_of(city, copies / "*.fgb")
    began = time.perf_counter()
    report, peak = _built(recipe, city)
    wall = time.perf_counter() - began
    counted = ("features_read", "features_built", "dropped", "tiles", "bytes", "seconds", "peak_rss_mb")
    return {
        "limit": {"peak_rss_mb": _LIMIT_MB},
        **{key: report[key] for key in counted},
        "peak_pss_mb_seen_from_outside": round(peak),
        "wall_s": round(wall, 1),
        "buildings_per_s": round(report["features_built"] / wall),
    }


def write_copies(source: Path, folder: Path, count: int) -> None:
    """So many copies, each with ids of its own; what an earlier run wrote is kept."""
    import pyogrio
    import shapely

    if len(list(folder.glob("*.fgb"))) == count:
        return
    folder.mkdir(parents=True, exist_ok=True)
    pyogrio.set_gdal_config_options({"CPL_VSIL_GZIP_WRITE_PROPERTIES": "NO"})
    meta, _, wkb, columns = pyogrio.raw.read(f"/vsigzip/{source.resolve()}")
    fields = list(meta["fields"])
    shapes = shapely.from_wkb(wkb)
    for number in range(count):
        moved = shapely.transform(shapes, lambda at, n=number: at + _STEP_DEG * [n % _ROW, n // _ROW])
        told = list(columns)
        if number:
            at = fields.index("osm_way_id")
            told[at] = columns[at].astype(np.int64) + number * 10_000_000_000
        pyogrio.raw.write(
            str(folder / f"{number:02d}.fgb"),
            shapely.to_wkb(moved),
            told,
            fields,
            geometry_type="Polygon",
            crs="EPSG:4326",
            driver="FlatGeobuf",
        )


def _built(recipe: Path, workspace: Path) -> tuple[dict[str, Any], float]:
    """The report of a build, and the most MB that all its processes had at one moment."""
    words = ["build", str(recipe), "--workspace", str(workspace), "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "smap.cli.main", *words], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    peak = [0.0]
    watcher = threading.Thread(target=_watch, args=(process, peak), daemon=True)
    watcher.start()
    out, _ = process.communicate()
    if process.returncode != 0:
        raise SystemExit(f"bench scale: smap build ended with {process.returncode}")
    report: dict[str, Any] = json.loads(out.splitlines()[-1])
    return report, peak[0]


def _watch(process: subprocess.Popen[str], peak: list[float]) -> None:
    while process.poll() is None:
        peak[0] = max(peak[0], sum(_pss_mb(pid) for pid in _family(process.pid)))
        time.sleep(0.25)


def _family(pid: int) -> list[int]:
    """A process and all that it started."""
    found = [pid]
    for one in found:
        try:
            found += [int(n) for n in Path(f"/proc/{one}/task/{one}/children").read_text().split()]
        except OSError:
            continue
    return found


def _pss_mb(pid: int) -> float:
    """Memory of a process, of what it shares with others its share only; 0 when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024.0 for line in lines if line.startswith("Pss:")), 0.0)
