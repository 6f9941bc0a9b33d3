"""CesiumJS, an independent reader, opens the same tiles: silence, and a pick tells the attributes."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Heard, wait_until_ready
from tests.conftest import ROOT

CESIUM = ROOT / "tests" / "conformance" / "node_modules" / "cesium" / "Build" / "Cesium"
PAGE = Path(__file__).parent / "cesium"
OVER_JONGNO = "126.9870,37.5610,700,0,-35"  # lon, lat, metres, heading, pitch


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


@pytest.fixture
def cesium_url() -> Iterator[str]:
    """The address of the page."""
    if not CESIUM.is_dir():
        pytest.skip("CesiumJS is not installed: make test installs it")
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.conformance
def test_cesium_shows_the_city_without_a_word_and_picks_its_attributes(
    page: Page, city_url: str, cesium_url: str, heard: Heard
) -> None:
    page.goto(f"{cesium_url}/?server={city_url}&at={OVER_JONGNO}")
    wait_until_ready(page)
    picked = page.evaluate(
        """() => {
          for (let y = 340; y > 60; y -= 12)
            for (let x = 20; x < 620; x += 24) { const hit = pick(x, y); if (hit) return hit; }
          return null;
        }"""
    )
    assert picked, "no building under any of the probed pixels"
    assert {"smap_id", "id", "height", "height_source", "ground_source"} <= picked.keys()
    assert picked["smap_id"].startswith("sample-buildings")
    # SwiftShader's own note about slow read-back is the driver's word, not CesiumJS's
    own = [line for line in heard.lines if "GPU stall due to ReadPixels" not in line]
    assert own == []
