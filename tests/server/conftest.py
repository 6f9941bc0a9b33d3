"""A small published city: one tileset, one terrain, one tileset for staff, some records, an editor."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from smap.server.app import create_app
from smap.settings import Settings
from tests.server.city import fill_content, publish_city

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a release and content, made once: hashing a password takes its time by design."""
    folder = tmp_path_factory.mktemp("filled")
    publish_city(folder)
    fill_content(folder, NOW)
    return folder


@pytest.fixture
def workspace(tmp_path: Path, filled: Path) -> Path:
    """The same workspace for one test alone."""
    return shutil.copytree(filled, tmp_path, dirs_exist_ok=True)


@pytest.fixture
def viewer(tmp_path: Path) -> Path:
    """A bundle as Vite leaves it."""
    folder = tmp_path / "bundle"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>viewer</title>" + " " * 2000)
    (folder / "edit.html").write_text("<!doctype html><title>editor</title>")
    (folder / "assets" / "index-CoTlyDVD.js").write_text("export {};" * 500)
    return folder


@pytest.fixture
def app(workspace: Path, viewer: Path) -> ASGIApp:
    """The server of that workspace, its clock standing still."""
    return create_app(Settings(workspace=workspace), viewer=viewer, now=lambda: NOW)


@pytest.fixture
def client(app: ASGIApp) -> Iterator[TestClient]:
    """A client on the same machine."""
    with TestClient(app, base_url="http://localhost", client=("127.0.0.1", 50000)) as opened:
        yield opened
