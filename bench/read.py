"""Reading 162,005 real buildings: seconds of CPU to outlines and columns, beside a bare loop of GDAL's.

The bare loop hands over Arrow batches of undecoded geometry and nothing else; ours checks every file's bytes,
makes the rings sound, places them on WGS84 and brings the columns into our kinds. Limit: ≤ 1.5 CPU seconds
from FlatGeobuf.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.__main__ import ROOT

__all__ = ["as_flatgeobuf", "measure"]

RUNS = 3
LIMIT_CPU_S = 1.5


def measure(data: Path, work: Path) -> dict[str, Any]:
    """The least CPU seconds of three processes each; other work on the machine only ever adds."""
    lines = data / "buildings" / "seoul_osm_buildings.geojsonl.gz"
    flat = as_flatgeobuf(lines, work / "seoul.fgb")
    found: dict[str, Any] = {"limit": {"flatgeobuf_cpu_s": LIMIT_CPU_S}}
    for name, path in (("flatgeobuf", flat), ("geojsonl_gz", lines)):
        for loop in LOOPS:
            runs = [_alone(loop, path) for _ in range(RUNS)]
            best = min(runs, key=lambda run: run["cpu_s"])
            found[f"{name}_{loop}"] = best
    return found


def as_flatgeobuf(lines: Path, path: Path) -> Path:
    """Write the real buildings anew as FlatGeobuf."""
    import pyogrio

    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"CPL_VSIL_GZIP_WRITE_PROPERTIES": "NO"})
    meta, table = pyogrio.read_arrow(f"/vsigzip/{lines.resolve()}")
    name = meta["geometry_name"] or "wkb_geometry"
    pyogrio.write_arrow(
        table, str(path), geometry_name=name, geometry_type="Polygon", crs="EPSG:4326", driver="FlatGeobuf"
    )
    return path


def _alone(loop: str, path: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.read", loop, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def bare(path: Path) -> int:
    """GDAL alone: every feature as Arrow, looked at no further."""
    import pyogrio

    pyogrio.set_gdal_config_options({"CPL_VSIL_GZIP_WRITE_PROPERTIES": "NO"})
    name = f"GeoJSONSeq:/vsigzip/{path.resolve()}" if path.suffix == ".gz" else str(path)
    return int(pyogrio.read_arrow(name)[1].num_rows)


def ours(path: Path) -> int:
    """As a build reads: sound outlines on WGS84 and columns."""
    from smap.sources.vector import VectorSpec, read_features

    return sum(chunk.read for chunk in read_features(VectorSpec(path, preset="osm")))


LOOPS: dict[str, Callable[[Path], int]] = {"bare": bare, "smap": ours}


def main() -> None:
    """One loop in this process: `python -m bench.read bare|smap PATH`, without the time of the imports."""
    import pyogrio  # noqa: F401 - its loading is not what is measured

    import smap.sources.vector  # noqa: F401

    usage, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    count = LOOPS[sys.argv[1]](Path(sys.argv[2]))
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - usage.ru_utime - usage.ru_stime
    told = {
        "buildings": count,
        "cpu_s": round(cpu, 2),
        "wall_s": round(wall, 2),
        "per_cpu_s": round(count / cpu),
        "peak_rss_mb": round(after.ru_maxrss / 1024),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
