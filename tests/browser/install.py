"""Find a browser for the tests, or install one: by the machine's packages, else Playwright's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["find_chromium", "main"]

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
PACKAGES = ("chromium", "fonts-noto-cjk")


def find_chromium() -> Path | None:
    """The browser that the tests drive: $SMAP_CHROMIUM, one on PATH, or Playwright's own; else None."""
    named = os.environ.get("SMAP_CHROMIUM")
    found = [named] if named else [shutil.which(name) for name in NAMES]
    return next((Path(f) for f in found if f), None) or _playwright_chromium()


def _playwright_chromium() -> Path | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        path = Path(driver.chromium.executable_path)
    return path if path.exists() else None


def _by_apt() -> list[list[str]]:
    if not shutil.which("apt-get"):
        return []
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    quiet = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    return [[*quiet, "update"], [*quiet, "install", "-y", "--no-install-recommends", *PACKAGES]]


def _by_playwright() -> list[list[str]]:
    return [[sys.executable, "-m", "playwright", "install", "chromium"]]


def _run_all(commands: list[list[str]]) -> bool:
    return bool(commands) and all(
        subprocess.run(c, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False).returncode == 0
        for c in commands
    )


def main() -> int:
    """Make sure that there is a browser; 2 and one line when none can be had."""
    if find_chromium():
        return 0
    for way in (_by_apt, _by_playwright):
        if _run_all(way()) and find_chromium():
            return 0
    print(
        "no browser for the tests: install Chromium, or set SMAP_CHROMIUM to the path of one "
        "(neither the machine's packages nor Playwright's own could be had)",
        file=sys.stderr,
    )
    return 2


if __name__ == "__main__":
    sys.exit(main())
