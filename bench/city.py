"""The whole real city by the commands of the README: terrain, 162,005 buildings, check, publish, content.

Limits of the first form: buildings ≤ 60 s and ≤ 2 GB on 2 cores, 0 errors in `smap check`, ≤ 0.1 % dropped.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.__main__ import ROOT

__all__ = ["measure", "newest"]

LAYERS = ("heritage", "tourism", "wall", "alleys")


def measure(data: Path, work: Path) -> dict[str, Any]:
    """Build, check and publish into work/city; `data` is what the recipes' paths lead to."""
    city = work / "city"
    shutil.rmtree(city, ignore_errors=True)
    built = {
        name: _smap(city, "build", str(ROOT / "tiles" / f"{name}.toml"))
        for name in ("seoul-terrain", "seoul-osm")
    }
    checked = {
        name: _smap(city, "check", _archive(report), workspace=False) for name, report in built.items()
    }
    _smap(city, "publish", parse=False)
    for layer in LAYERS:
        _smap(city, "content", "import", str(ROOT / "content" / f"{layer}.geojson"), "--layer", layer)
    counted = ("features_read", "features_built", "dropped", "tiles", "bytes", "seconds", "peak_rss_mb")
    return {
        "limit": {"seconds": 60, "peak_rss_mb": 2048, "errors": 0, "dropped_share": 0.001},
        **{name: {key: report[key] for key in counted} for name, report in built.items()},
        "bytes_per_building": round(built["seoul-osm"]["bytes"] / built["seoul-osm"]["features_built"], 1),
        "check": {n: {"errors": c["errors"], "warnings": c["warnings"]} for n, c in checked.items()},
    }


def newest(workspace: Path, name: str) -> Path:
    """The archive of the newest build of a name."""
    builds = workspace / "builds" / name
    return builds / (builds / "latest").read_text(encoding="utf-8").strip() / f"{name}.3tz"


def _archive(report: dict[str, Any]) -> str:
    return str(Path(report["out"]) / f"{report['tileset']}.3tz")


def _smap(city: Path, *words: str, workspace: bool = True, parse: bool = True) -> dict[str, Any]:
    more = ["--workspace", str(city)] if workspace else []
    command = [sys.executable, "-m", "smap.cli.main", *words, *more, *(["--json"] if parse else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 2:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1]) if parse else {}
    return found
