"""The benchmarks of bytes and of levels, on a small town."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.bytes import split
from bench.lod import VIEWS, views
from smap.build.pipeline import build
from smap.build.progress import SilentProgress
from tests.build.town import recipe_text, write_town


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    write_town(folder)
    (folder / "town.toml").write_text(recipe_text(), encoding="utf-8")
    report = build(folder / "town.toml", workspace=folder, progress=SilentProgress())
    return Path(report.out) / "town.3tz"


def test_the_parts_of_the_bytes_add_up_to_about_the_leaves(archive: Path) -> None:
    found = split(archive)
    assert found["buildings"] == 60
    assert {"POSITION", "NORMAL", "indices", "json", "column smap_id"} <= set(found["parts"])
    assert sum(found["parts"].values()) == pytest.approx(found["leaves"], rel=0.1)
    assert found["counted"] < sum(found["parts"].values())
    assert found["levels"]["0"]["tiles"] == 1


def test_a_view_shows_no_more_than_it_fetches(archive: Path) -> None:
    found = views(archive)
    assert list(found) == list(VIEWS)
    near = found["the old town from 1 km"]
    assert 1 == near["tiles"] <= near["fetched"]
    assert near["kb"] <= near["fetched_kb"]
    assert near["triangles"] > 60 * 10
