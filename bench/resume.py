"""Going on: the real city killed at four fifths of its pieces, and the next run, beside a whole run.

Limit: the next run takes at most 35 % of a whole one, and ends with the same bytes.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.__main__ import ROOT, as_users_have_it
from bench.city import newest
from bench.read import as_flatgeobuf

__all__ = ["build_seconds", "measure", "recipe_of", "workspace_with_terrain"]

NAME = "seoul-buildings"
SHARE = 0.8


def measure(data: Path, work: Path) -> dict[str, Any]:
    """A whole run, one that is killed, and the one after it, from FlatGeobuf with the terrain built."""
    city = workspace_with_terrain(work / "resume")
    lines = data / "buildings" / "seoul_osm_buildings.geojsonl.gz"
    recipe = recipe_of(city, as_flatgeobuf(lines, work / "seoul.fgb"))
    whole = build_seconds(recipe, city)
    archive = newest(city, NAME).read_bytes()
    total = len(_pieces(city))
    shutil.rmtree(city / "cache")
    shutil.rmtree(city / "builds" / NAME)
    process = subprocess.Popen(_command(recipe, city), process_group=0, stderr=subprocess.DEVNULL)
    while len(_pieces(city)) < SHARE * total and process.poll() is None:
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    after = build_seconds(recipe, city)
    return {
        "limit": {"share_of_a_whole_run": 0.35},
        "whole_s": whole,
        "after_the_kill_s": after,
        "share_of_a_whole_run": round(after / whole, 2),
        "same_bytes": newest(city, NAME).read_bytes() == archive,
    }


def workspace_with_terrain(city: Path) -> Path:
    """An empty workspace but for the real terrain."""
    shutil.rmtree(city, ignore_errors=True)
    subprocess.run(_command(ROOT / "tiles" / "seoul-terrain.toml", city), check=True, capture_output=True)
    return city


def recipe_of(city: Path, source: Path) -> Path:
    """The recipe of the real buildings, from another file."""
    text = (ROOT / "tiles" / "seoul-osm.toml").read_text(encoding="utf-8")
    text = text.replace("../../shared/data/buildings/seoul_osm_buildings.geojsonl.gz", str(source))
    text = text.replace('"seoul-terrain.toml"', f'"{newest(city, "seoul-terrain")}"')
    path = city / "seoul.toml"
    path.write_text(text.replace('vertical_datum = "EPSG:5193"', ""), encoding="utf-8")
    return path


def build_seconds(recipe: Path, city: Path) -> float:
    """Seconds of the command, from its start to its end."""
    began = time.perf_counter()
    subprocess.run(_command(recipe, city), check=True, capture_output=True, env=as_users_have_it())
    return round(time.perf_counter() - began, 2)


def _command(recipe: Path, city: Path) -> list[str]:
    return [sys.executable, "-m", "smap.cli.main", "build", str(recipe), "--workspace", str(city)]


def _pieces(city: Path) -> list[Path]:
    return list((city / "cache" / NAME).glob("piece-*"))
