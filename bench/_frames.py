"""Frames of pages that are drawn by turns in one browser: what slows the machine slows all of them."""

from __future__ import annotations

from collections.abc import Mapping

from playwright.sync_api import Browser, Page, Route

from tests.browser.conftest import wait_until_ready

__all__ = ["frames_by_turns"]

_FRAMES = """async () => {
  const eye = window.smap.view(), times = [], pixel = new Uint8Array(4);
  const gl = document.getElementById("map").getContext("webgl2");
  const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    done();
  })));
  for (let k = 0; k < 20; k += 1) {
    const start = performance.now();
    window.smap.view(eye.lon, eye.lat, eye.height, eye.heading + (k % 2 ? 0.02 : 0), eye.tilt);
    await drawn();
    times.push(performance.now() - start);
  }
  return times.slice(4);
}"""
"""Each frame is forced by a tiny turn of the eye and waited for by reading a pixel."""


def frames_by_turns(
    chromium: Browser, pages: Mapping[str, tuple[str, str | None]], turns: int
) -> dict[str, list[float]]:
    """Milliseconds of 16 frames a turn, by page: its address, and the kind of tilesets it goes without."""
    times: dict[str, list[float]] = {name: [] for name in pages}
    opened = {name: _open(chromium, *page) for name, page in pages.items()}
    for _ in range(turns):
        for name, page in opened.items():
            page.bring_to_front()
            times[name] += page.evaluate(_FRAMES)
    for page in opened.values():
        page.context.close()
    return times


def _open(chromium: Browser, address: str, without: str | None) -> Page:
    page = chromium.new_context(viewport={"width": 1280, "height": 720}).new_page()
    page.set_default_timeout(200_000)

    def less(route: Route) -> None:
        catalog = route.fetch().json()
        catalog["tilesets"] = [tileset for tileset in catalog["tilesets"] if tileset["kind"] != without]
        route.fulfill(json=catalog)

    if without:
        page.route("**/catalog.json", less)
    page.goto(address)
    wait_until_ready(page)
    return page
