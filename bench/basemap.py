"""The base map of all Seoul, to level 16 and 18 inside the wall, as the README has it; and its frames.

Limits: 300 s on 2 cores; 0 errors in `smap check`. CPU seconds stand beside the clock's for busy machines.
"""

from __future__ import annotations

import json
import resource
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench.__main__ import ROOT
from bench._frames import frames_by_turns
from tests.browser.conftest import FLAGS, serve_with
from tests.browser.install import find_chromium

__all__ = ["measure"]

SMAP = [sys.executable, "-m", "smap.cli.main"]
VIEWS = {"gwanghwamun": "126.97686,37.57000,400,357.3,70", "city": "126.985,37.52,6000,0,45"}
TURNS = 3


def measure(data: Path, work: Path) -> dict[str, Any]:
    """Build, build again, check, and look; `data` is what the recipe's paths lead to."""
    workspace = work / "basemap"
    shutil.rmtree(workspace, ignore_errors=True)
    built, cpu = _build("seoul-basemap", workspace)
    again, _ = _build("seoul-basemap", workspace)
    archive = Path(built["out"]) / f"{built['tileset']}.3tz"
    checked = json.loads(_smap("check", str(archive), "--json"))
    _build("seoul-terrain", workspace)
    _smap("publish", "--workspace", str(workspace))
    with serve_with(SMAP, workspace) as url, sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        frames = {name: _frames(chromium, url, at) for name, at in VIEWS.items()}
        chromium.close()
    return {
        "limit": {"seconds": 300, "errors": 0},
        **{key: built[key] for key in ("tiles", "bytes", "seconds", "peak_rss_mb")},
        "cpu_seconds": cpu,
        "tiles_by_level": built["figures"]["tiles_by_level"],
        "again": {"reused": again["reused"], "seconds": again["seconds"]["total"]},
        "check": {"errors": checked["errors"], "warnings": checked["warnings"]},
        "frame_ms": frames,
    }


def _build(name: str, workspace: Path) -> tuple[dict[str, Any], float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = _smap("build", str(ROOT / "tiles" / f"{name}.toml"), "--json", "--workspace", str(workspace))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    report: dict[str, Any] = json.loads(said.splitlines()[-1])
    return report, round(cpu, 1)


def _smap(*words: str) -> str:
    done = subprocess.run([*SMAP, *words], capture_output=True, text=True, check=False)
    if done.returncode == 2:
        raise SystemExit(done.stderr)
    return done.stdout


def _frames(chromium: Browser, url: str, at: str) -> dict[str, float]:
    """The middle of the milliseconds of a frame with and without the map, by turns."""
    pages = {"without": (f"{url}/?at={at}", "basemap"), "with": (f"{url}/?at={at}", None)}
    times = frames_by_turns(chromium, pages, TURNS)
    return {name: round(statistics.median(found), 1) for name, found in times.items()}
