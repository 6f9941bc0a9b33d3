"""Outside judges on every tile of the real city: gltf-validator on plain twins, three terrain decoders.

Limit: 0 errors, 0 tiles that any two decoders read differently. `bench city` builds what is judged.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.city import newest
from tests.conformance.judges import judge_glbs, judge_terrain

__all__ = ["measure"]


def measure(data: Path, work: Path) -> dict[str, Any]:
    """Verdicts on the newest builds in work/city."""
    glbs = judge_glbs(newest(work / "city", "seoul-buildings"))
    terrain = judge_terrain(newest(work / "city", "seoul-terrain"))
    return {
        "limit": {"errors": 0, "differing": 0},
        "glbs": {"judged": glbs.judged, "errors": glbs.errors, "warnings": glbs.warnings},
        "terrain": {"judged": terrain.judged, "differing": list(terrain.differing)},
    }
