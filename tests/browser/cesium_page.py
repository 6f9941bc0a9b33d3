"""The page of CesiumJS, an independent reader of our tiles: how it is served and what is asked of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Heard, wait_until_ready
from tests.conftest import ROOT

__all__ = ["first_pick", "said_by_cesium", "serve_cesium"]

CESIUM = ROOT / "tests" / "conformance" / "node_modules" / "cesium" / "Build" / "Cesium"
PAGE = Path(__file__).parent / "cesium"

PROBE = """() => {
  for (let y = innerHeight - 20; y > innerHeight / 6; y -= 12)
    for (let x = 20; x < innerWidth - 20; x += 24) { const hit = pick(x, y); if (hit) return hit; }
  return null;
}"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves the page, and CesiumJS below /cesium/."""

    def translate_path(self, path: str) -> str:
        """Map a request to the page's folder or to CesiumJS."""
        name = path.partition("?")[0]
        if name.startswith("/cesium/"):
            return str(CESIUM / name.removeprefix("/cesium/"))
        return str(PAGE / (name.removeprefix("/") or "index.html"))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serve_cesium() -> Iterator[str]:
    """The address of the page; skips by name where CesiumJS is not installed."""
    if not CESIUM.is_dir():
        pytest.skip("CesiumJS is not installed: make test installs it")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def first_pick(page: Page, cesium_url: str, city_url: str, at: str) -> dict[str, str] | None:
    """Show the city from `at` (lon, lat, metres, heading, pitch): attributes of the first building hit."""
    page.goto(f"{cesium_url}/?server={city_url}&at={at}")
    wait_until_ready(page)
    picked: dict[str, str] | None = page.evaluate(PROBE)
    return picked


def said_by_cesium(heard: Heard) -> list[str]:
    """What the page said, less SwiftShader's note on slow read-back, which is the driver's word."""
    return [line for line in heard.lines if "GPU stall due to ReadPixels" not in line]
