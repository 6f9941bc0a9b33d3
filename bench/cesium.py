"""CesiumJS on the whole real city: limit no word on its console; a pick must tell the attributes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.cesium_page import first_pick, said_by_cesium, serve_cesium
from tests.browser.conftest import FLAGS, Heard, serve_with
from tests.browser.install import find_chromium

__all__ = ["measure"]

OVER_JONGNO = "126.9870,37.5560,900,0,-35"


def measure(data: Path, work: Path) -> dict[str, Any]:
    """What CesiumJS said and picked; `bench city` publishes what it looks at."""
    heard = Heard()
    command = [sys.executable, "-m", "smap.cli.main"]
    with serve_with(command, work / "city") as url, serve_cesium() as cesium_url, sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = chromium.new_page(viewport={"width": 1280, "height": 720})
        page.set_default_timeout(300_000)
        heard.listen(page, cesium_url)
        picked = first_pick(page, cesium_url, url, OVER_JONGNO)
        (work / "shots").mkdir(exist_ok=True)
        page.screenshot(path=work / "shots" / "cesium.png")
        chromium.close()
    return {"limit": {"console": []}, "console": said_by_cesium(heard), "picked": picked}
