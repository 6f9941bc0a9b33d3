"""A real browser on the real server with the sample city: built and served once, a fresh page each test."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    sync_playwright,
)

from tests.browser.install import find_chromium

FLAGS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
READY_MS = 120_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All browser tests share one city, and two software renderers would starve: one worker.

    `make test` runs them apart from the rest, because the browser's driver keeps an event loop running.
    """
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@dataclass
class Heard:
    """What a page said and asked for while a test ran: console lines, errors, requests to other hosts."""

    lines: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def listen(self, page: Page, home: str) -> None:
        """Begin to listen to a page whose own server is `home`."""

        def said(message: ConsoleMessage) -> None:
            self.lines.append(f"{message.type}: {message.text}")

        def asked(request: Request) -> None:
            if not request.url.startswith((home, "data:", "blob:")):
                self.foreign.append(request.url)

        page.on("console", said)
        page.on("pageerror", lambda error: self.lines.append(f"error: {error}"))
        page.on("request", asked)


@contextmanager
def serve_with(smap: list[str], workspace: Path, *more: str) -> Iterator[str]:
    """`smap serve` on a free port of the loopback, by a given command: its address."""
    command = [*smap, "serve", "--port", "0", "--workspace", str(workspace), *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        assert server.stdout is not None
        drain = threading.Thread(target=server.stdout.read)
        try:
            told = (re.search(r"http://[\w.:]+", line) for line in server.stdout)
            found = next((address for address in told if address), None)
            assert found, "the server ended before it named its address"
            drain.start()
            yield found.group()
        finally:
            server.terminate()
            if drain.is_alive():
                drain.join(timeout=20)


@pytest.fixture(scope="session")
def city_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the sample city, built by the command that everybody uses."""
    workspace = tmp_path_factory.mktemp("city")
    command = [sys.executable, "-m", "smap.cli.main", "demo", "--build-only", "--workspace", str(workspace)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return workspace


@pytest.fixture(scope="session")
def city_url(city_workspace: Path) -> Iterator[str]:
    """The address of a server with the sample city."""
    with serve_with([sys.executable, "-m", "smap.cli.main"], city_workspace) as url:
        yield url


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    """What drives browsers."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """The browser's program."""
    path = find_chromium()
    assert path is not None, "no browser: run  python -m tests.browser.install"
    return path


@pytest.fixture
def browser(driver: Playwright, chromium_path: Path) -> Iterator[Browser]:
    """A Chromium of its own for each test: what one test wears out is not the next one's."""
    chromium = driver.chromium.launch(executable_path=chromium_path, args=FLAGS)
    yield chromium
    chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile."""
    fresh = browser.new_context(viewport={"width": 640, "height": 360}, locale="ko-KR")
    fresh.set_default_timeout(READY_MS)
    yield fresh
    fresh.close()


@pytest.fixture
def heard() -> Heard:
    """Collects what the page of the test says."""
    return Heard()


@pytest.fixture
def page(context: BrowserContext, city_url: str, heard: Heard) -> Page:
    """A fresh page that is listened to; go to `city_url` with it."""
    fresh = context.new_page()
    heard.listen(fresh, city_url)
    return fresh


def wait_until_ready(page: Page) -> None:
    """Wait for the page's own word that the picture is complete."""
    # not wait_for_function: it evaluates text in the page, which our content security policy forbids
    page.locator("html[data-ready='1']").wait_for(state="attached", timeout=READY_MS)
