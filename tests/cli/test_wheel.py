"""The wheel, away from the clone: with the extra `build` it makes the sample city, bare it serves it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.browser.conftest import serve_with
from tests.conftest import ROOT

pytestmark = pytest.mark.xdist_group("wheel")


def run(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command away from the clone, with nothing of the clone's environment in sight."""
    hidden = ("PYTHONPATH", "VIRTUAL_ENV", "SMAP_WORKSPACE")
    environment = {k: v for k, v in os.environ.items() if k not in hidden}
    command = [str(w) for w in words]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def bare_environment(folder: Path, requirement: str) -> Path:
    """A new environment with one requirement, from wheels alone: its folder of commands."""
    assert run(sys.executable, "-m", "venv", folder, cwd=ROOT).returncode == 0
    pip: list[str | Path] = [
        folder / "bin" / "python",
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
    ]
    proved: list[str | Path] = ["--only-binary", ":all:", "--constraint", ROOT / "constraints.txt"]
    done = run(*pip, *proved, requirement, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "bin"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    words: list[str | Path] = [
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        out,
        ROOT,
    ]
    done = run(sys.executable, *words, cwd=out)
    assert done.returncode == 0, done.stderr
    return next(out.glob("smap-*.whl"))


@pytest.fixture(scope="module")
def built(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the sample city, made by the installed wheel."""
    away = tmp_path_factory.mktemp("away")
    commands = bare_environment(away / "build", f"smap[build] @ {wheel.as_uri()}")
    done = run(commands / "smap", "demo", "--build-only", "--workspace", away / "var", cwd=away)
    assert done.returncode == 0, done.stderr
    return away / "var"


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of an environment with the bare wheel: no GDAL."""
    return bare_environment(tmp_path_factory.mktemp("bare") / "serve", f"smap @ {wheel.as_uri()}")


def test_the_bare_wheel_serves_what_the_full_one_built(built: Path, bare: Path) -> None:
    with serve_with([str(bare / "smap")], built) as url:
        catalog = json.load(urllib.request.urlopen(f"{url}/catalog.json"))
        kinds = {tileset["kind"]: tileset for tileset in catalog["tilesets"]}
        assert set(kinds) == {"terrain", "buildings", "models"}
        assert {layer["id"] for layer in catalog["layers"]} >= {"heritage", "tourism", "wall", "alleys"}
        assert b"<script" in urllib.request.urlopen(f"{url}/").read()
        tileset = json.load(urllib.request.urlopen(url + kinds["buildings"]["url"]))
        assert tileset["asset"]["version"] == "1.1"
        found = json.load(urllib.request.urlopen(f"{url}/api/search?q=Sungnyemun"))
        assert found["features"]
        height = json.load(urllib.request.urlopen(f"{url}/api/height?lon=126.977&lat=37.57"))
        assert 20 < height["height_orthometric_m"] < 60
        metres = json.load(
            urllib.request.urlopen(f"{url}/api/collections/heritage/items?limit=1&bbox=126.9,37.5,127.1,37.6")
        )
        assert metres["numberReturned"] == 1


def test_the_bare_wheel_names_the_extra_that_a_demo_needs(bare: Path, tmp_path: Path) -> None:
    done = run(bare / "smap", "demo", "--build-only", "--workspace", tmp_path / "var", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "smap[build]" in done.stderr
    assert not (tmp_path / "var").exists()
