"""The sample city: how long `smap demo` builds, what the first picture costs, and what the looks cost.

Limits: 60 s; 3 MB for the first picture, with all that comes over the wire; a frame with shadows, trees,
contact shade and models in at most 1.5 times the time of the plain scene without them, by turns in a browser.
The middle of the frames is told, and beside it the ratio of their lower quartiles (`quiet_ratio`): what
else a machine does at times slows a frame by a quarter.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench._frames import frames_by_turns
from tests.browser.conftest import FLAGS, serve_with, wait_until_ready
from tests.browser.install import find_chromium

__all__ = ["first_picture_bytes", "measure"]

SIZES = {"desk": (1280, 720), "phone": (390, 844)}
SMAP = [sys.executable, "-m", "smap.cli.main"]
VIEWS = {
    "gwanghwamun": "126.97686,37.57500,73,357.3,86",
    "namsan": "126.989500,37.541000,760,351,70",
}
LOOKS = {"plain": "&quality=plain", "full": ""}
TURNS = 4


def measure(data: Path, work: Path) -> dict[str, Any]:
    """Seconds, bytes and milliseconds a frame; the real data is not looked at."""
    workspace = work / "sample"
    shutil.rmtree(workspace, ignore_errors=True)
    seconds = _build(workspace)
    with serve_with(SMAP, workspace) as url, sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        transferred = {name: first_picture_bytes(chromium, url, size) for name, size in SIZES.items()}
        frames = {name: _frames(chromium, url, at) for name, at in VIEWS.items()}
        chromium.close()
    limit = {"seconds": 60, "first_picture_bytes": 3_000_000, "frame_ratio": 1.5}
    return {"limit": limit, "seconds": seconds, "first_picture_bytes": transferred, "frame_ms": frames}


def first_picture_bytes(chromium: Browser, url: str, size: tuple[int, int]) -> int:
    """Bytes that came over the wire, headers and all, until the first picture of a new visitor was whole."""
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    heard = page.context.new_cdp_session(page)
    received: list[float] = []
    heard.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    heard.send("Network.enable")
    page.goto(f"{url}/")
    wait_until_ready(page)
    context.close()
    return round(sum(received))


def _build(workspace: Path) -> float:
    start = time.monotonic()
    command = [*SMAP, "demo", "--build-only", "--workspace", str(workspace)]
    subprocess.run(command, check=True, capture_output=True)
    return round(time.monotonic() - start, 1)


def _frames(chromium: Browser, url: str, at: str) -> dict[str, float]:
    pages = {
        name: (f"{url}/?at={at}{more}", "models" if name == "plain" else None) for name, more in LOOKS.items()
    }
    times = frames_by_turns(chromium, pages, TURNS)
    middle = {name: round(statistics.median(found), 1) for name, found in times.items()}
    quiet = {name: statistics.quantiles(found, n=4)[0] for name, found in times.items()}
    ratio, quiet_ratio = (found["full"] / found["plain"] for found in (middle, quiet))
    return {**middle, "ratio": round(ratio, 2), "quiet_ratio": round(quiet_ratio, 2)}
