"""`smap pictures`: a view of the drawn city for each record that has none yet, as a small WebP.

The viewer itself is the camera: a browser without a window opens it on a server of its own and is led from
place to place, the nearest next, so that most tiles are there already. Only the map is taken, without names.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smap.cli.workspace import add_workspace, workspace_of
from smap.content.record import Bbox, Record
from smap.content.views import Look, Subject, Views, eye_of, hour_of, looks_of, read_views, subject_of
from smap.errors import InterruptedWorkError, MissingExtraError, NotFoundError, StorageError, UsageError

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["MOST_BYTES", "SIZE", "add_arguments", "packed", "run"]

SIZE = (640, 400)
"""Pixels: twice the width of the viewer's card."""
MOST_BYTES = 20_000
LEAST_QUALITY, BEST_QUALITY = 10, 80
"""Of WebP; above 80 a sky and two walls took 60 % more bytes, and nobody sees it."""
DAY = "2026-04-22"
"""Of the light: the day by which the viewer's own pictures are judged (docs/art-direction.md)."""
READY_MS = 180_000
"""The longest wait for one picture: without a graphics card the heaviest took 25 s beside other work."""
_FLAGS = [
    *("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
    *("--ignore-gpu-blocklist", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
"""The same picture on every machine: drawn by the processor, nothing asked of anybody else."""
_BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
_HIDE = "() => { for (const id of ['app', 'labels']) document.getElementById(id).style.display = 'none'; }"
_NEAR = (20.0, 0.3)
"""What the picture's middle meets may lie so many metres off, or such a share of the distance."""


@dataclass(frozen=True)
class _Shot:
    """A picture to be taken: where to, what of, and how it may be looked at."""

    path: Path
    name: str
    subject: Subject
    ground_m: float
    looks: list[Look]

    @property
    def hour(self) -> int:
        return hour_of(self.looks[0])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `smap pictures`."""
    add_workspace(parser)
    parser.add_argument(
        "names", nargs="*", metavar="LAYER/ID", help="take these anew (default: all that have no picture yet)"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where LAYER/ID.webp are kept")
    parser.add_argument(
        "--views", type=Path, metavar="FILE", help="how they are looked at (default: the shipped views.toml)"
    )
    parser.add_argument(
        "--quality",
        choices=("plain", "low", "medium", "high"),
        default="low",
        help="of the viewer (default: low; medium has finer shadows and takes twice as long)",
    )


def run(options: argparse.Namespace) -> int:
    """Take the pictures; 0 done, 1 some subject stayed hidden and was taken from high above."""
    from smap.store.shipped import shipped_folder

    if find_spec("playwright") is None:
        raise MissingExtraError("smap pictures", "dev")
    workspace = workspace_of(options)
    views = read_views(options.views or shipped_folder("content") / "pictures" / "views.toml")
    shots = _shots(workspace, views, options.out, options.names)
    began, hidden = time.monotonic(), 0
    with _served(workspace) as address:
        for hour in sorted({shot.hour for shot in shots}):
            of_hour = _by_nearness([shot for shot in shots if shot.hour == hour])
            opened = f"{address}?embed=1&quality={options.quality}&time={DAY}T{hour}:00"
            with _page(opened) as page:
                hidden += sum(_take(page, shot) for shot in of_hour)
    print(f"{len(shots)} pictures in {time.monotonic() - began:.0f} s → {options.out}")
    return 1 if hidden else 0


def _shots(workspace: Path, views: Views, out: Path, names: list[str]) -> list[_Shot]:
    """What is to be taken. UsageError for a name of no record."""
    records = {f"{record.layer}/{record.id}": record for record in _records(workspace)}
    unknown = [name for name in names if name not in records]
    if unknown:
        raise UsageError(f"{unknown[0]} is no published record of {workspace}: names are LAYER/ID")
    wanted = names or [name for name in records if not (out / f"{name}.webp").exists()]
    aim = partial(_shot, workspace=_Ground(workspace), views=views, out=out)
    return [aim(records[name]) for name in wanted]


def _records(workspace: Path) -> Iterator[Record]:
    from smap.content.database import content_path, open_database
    from smap.content.model import LAYERS
    from smap.content.repository import list_records

    engine = open_database(content_path(workspace))
    try:
        for layer in LAYERS:
            yield from list_records(engine, layer, limit=None).records
    finally:
        engine.dispose()


class _Ground:
    """Where the city stands, and how high its ground is."""

    def __init__(self, workspace: Path) -> None:
        from smap.server.heights import Grounds
        from smap.server.shelf import Shelf

        shelf = Shelf(workspace)
        release = shelf.release()
        if release is None:
            raise UsageError(
                f"{workspace} has no release yet: smap demo --workspace {workspace} --build-only"
            )
        boxes = [item.bbox for item in release.tilesets if item.kind == "buildings"]
        self.box: Bbox | None = _around(boxes) if boxes else None
        self._grounds = Grounds(shelf)

    def height(self, lon: float, lat: float) -> float:
        """Ellipsoidal metres; 0 where there is no ground."""
        try:
            return self._grounds.height(lon, lat)["height_ellipsoidal_m"]
        except NotFoundError:
            return 0.0


def _around(boxes: list[Bbox]) -> Bbox:
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def _shot(record: Record, *, workspace: _Ground, views: Views, out: Path) -> _Shot:
    name = f"{record.layer}/{record.id}"
    within = subject_of(record, views)
    subject = subject_of(record, views, workspace.box)
    looks = looks_of(record, subject, views, beyond=subject != within)
    ground_m = workspace.height(subject.lon, subject.lat)
    return _Shot(out / f"{name}.webp", name, subject, ground_m, looks)


def _by_nearness(shots: Iterable[_Shot]) -> Iterator[_Shot]:
    """Each time the nearest of those that are left, so that the tiles of one picture serve the next."""
    left = list(shots)
    at = left[0]
    while left:
        lon, lat = at.subject.lon, at.subject.lat
        at = min(left, key=lambda shot: (shot.subject.lon - lon) ** 2 + (shot.subject.lat - lat) ** 2)
        left.remove(at)
        yield at


@contextmanager
def _served(workspace: Path) -> Iterator[str]:
    """The address of a server of the workspace that lives as long as the work."""
    import uvicorn

    from smap.server.app import create_app
    from smap.server.main import listen, url_of
    from smap.settings import Settings

    listening = listen("127.0.0.1", 0)
    app = create_app(Settings(workspace=workspace))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield url_of("127.0.0.1", listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listening.close()


@contextmanager
def _page(address: str) -> Iterator[Page]:
    """The viewer in a browser, its first picture complete. UsageError: no browser; see _ready for others."""
    from playwright.sync_api import Error, sync_playwright

    named = os.environ.get("SMAP_CHROMIUM") or next(filter(None, map(shutil.which, _BROWSERS)), None)
    width, height = SIZE
    with sync_playwright() as driver:
        try:
            browser = driver.chromium.launch(executable_path=named, args=_FLAGS)
        except Error as error:
            raise UsageError(
                f"no browser to draw with ({str(error).splitlines()[0]}): install Chromium, or set "
                "SMAP_CHROMIUM to the path of one"
            ) from None
        page = browser.new_page(
            viewport={"width": width, "height": height}, locale="ko-KR", reduced_motion="reduce"
        )
        page.goto(address)
        _ready(page, address)
        page.evaluate(_HIDE)
        yield page
        browser.close()


def _ready(page: Page, what: str) -> None:
    from playwright.sync_api import TimeoutError as TooLongError

    try:
        # not wait_for_function: it evaluates text in the page, which our content security policy forbids
        page.locator("html[data-ready='1']").wait_for(state="attached", timeout=READY_MS)
    except TooLongError:
        raise InterruptedWorkError(
            f"{what}: the picture was not complete after {READY_MS // 1000} s"
        ) from None


def _take(page: Page, shot: _Shot) -> bool:
    """Look until the subject is seen, and write that picture; whether it stayed hidden."""
    began = time.monotonic()
    seen = next((look for look in shot.looks if _looks_well(page, shot, look)), None)
    body, quality = packed(page.screenshot())
    _write(shot.path, body)
    look = seen or shot.looks[-1]
    told = f"{look.distance:.0f} m, heading {look.heading:.0f}, tilt {look.tilt:.0f}"
    more = "" if seen else "; its middle shows something else"
    print(
        f"{shot.name} {len(body)} bytes (quality {quality}), {time.monotonic() - began:.1f} s: {told}{more}",
        flush=True,
    )
    return seen is None


def _looks_well(page: Page, shot: _Shot, look: Look) -> bool:
    """Put the eye there; whether the picture's middle shows the subject, and not what stands before it."""
    page.evaluate("view => { window.smap.view(...view); }", list(eye_of(shot.subject, shot.ground_m, look)))
    _ready(page, shot.name)
    if len(shot.looks) == 1:
        return True
    met = page.evaluate("([x, y]) => window.smap.pick(x, y)", [SIZE[0] / 2, SIZE[1] / 2])
    return met is not None and _away(met, shot, look) <= max(_NEAR[0], _NEAR[1] * look.distance)


def _away(met: dict[str, Any], shot: _Shot, look: Look) -> float:
    """Metres from the aim to the point that the middle's ray meets."""
    from math import cos, hypot, radians

    lat = (met["lat"] - shot.subject.lat) * 110_990.0
    lon = (met["lon"] - shot.subject.lon) * 111_320.0 * cos(radians(shot.subject.lat))
    return hypot(lon, lat, met["height"] - shot.ground_m - look.above)


def packed(png: bytes) -> tuple[bytes, int]:
    """The picture as WebP of the best quality at which it has no more than MOST_BYTES, and that quality.

    StorageError where even the least is too large: then it is no view of ours.
    """
    from PIL import Image

    image = Image.open(io.BytesIO(png)).convert("RGB")
    low, high, best = LEAST_QUALITY, BEST_QUALITY, b""
    while low <= high:
        quality = (low + high) // 2
        body = io.BytesIO()
        image.save(body, "WEBP", quality=quality, method=6)
        if body.tell() <= MOST_BYTES:
            low, best, kept = quality + 1, body.getvalue(), quality
        else:
            high = quality - 1
    if not best:
        raise StorageError(f"no quality brings the picture under {MOST_BYTES} bytes")
    return best, kept


def _write(path: Path, body: bytes) -> None:
    """Whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".part")
        beside.write_bytes(body)
        beside.replace(path)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}") from None
