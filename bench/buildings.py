"""The whole Seoul from its recipe: seconds, memory, bytes, and whether what was read is built or dropped."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from smap.build.pipeline import build
from smap.build.progress import SilentProgress

ROOT = Path(__file__).resolve().parent.parent


def measure(data: Path, work: Path) -> Mapping[str, Any]:
    """Build the terrain, then the buildings anew, each with a process for every core."""
    shutil.rmtree(work / "builds" / "seoul-buildings", ignore_errors=True)
    build(ROOT / "tiles" / "seoul-terrain.toml", workspace=work, progress=SilentProgress())
    report = build(ROOT / "tiles" / "seoul-osm.toml", workspace=work, progress=SilentProgress())
    manifest = json.loads((Path(report.out) / "manifest.json").read_text(encoding="utf-8"))
    figures = {key: value for key, value in report.as_json().items() if key != "out"}
    return {
        **figures,
        "bytes_per_building": round(report.bytes / report.features_built, 1),
        "limits": {"seconds": 60, "peak_rss_mb": 2000},
        "figures": manifest["report"]["figures"],
    }
