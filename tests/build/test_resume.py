"""What stays in the cache: resuming after any end, what a change touches, damage, and two builds at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from smap.build import pipeline
from smap.build.cache import open_cache
from smap.build.progress import SilentProgress
from smap.build.report import BuildReport
from smap.store import open_tiles
from smap.store.clear import clear_workspace
from tests.build.town import Feature, house, recipe_text, write_ground, write_town

HOUSES = 3_000


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of several partitions, on terrain."""
    monkeypatch.setattr("smap.build.planning.MOST_BUILDINGS", 300)
    monkeypatch.setattr("smap.build.planning.LEAF_TRIANGLES", 1_000)
    write_houses(tmp_path)
    write_ground(tmp_path)
    (tmp_path / "town.toml").write_text(recipe_text('[ground]\nterrain = "ground.toml"\n'), encoding="utf-8")
    return tmp_path


def write_houses(folder: Path, change: Callable[[list[Feature]], None] = lambda _: None) -> None:
    """In 60 columns; with heights, so that none is estimated from its neighbours."""
    houses = [house(i, tall=3.0 + i % 17) for i in range(HOUSES)]
    for i, one in enumerate(houses):
        east, north = 0.0004 * (i % 60 - i % 10), 0.0004 * (i // 60 - i // 10)
        ring = one["geometry"]["coordinates"][0]
        one["geometry"]["coordinates"] = [[[round(x + east, 7), round(y + north, 7)] for x, y in ring]]
    change(houses)
    write_town(folder, houses)


def build(town: Path, *, force: bool = False, workspace: str = "var") -> BuildReport:
    return pipeline.build(
        town / "town.toml", workspace=town / workspace, progress=SilentProgress(), jobs=1, force=force
    )


def bytes_of(report: BuildReport) -> bytes:
    return (Path(report.out) / "town.3tz").read_bytes()


def tiles_of(report: BuildReport) -> dict[str, bytes]:
    with open_tiles(Path(report.out) / "town.3tz") as tiles:
        names = [name for name in tiles.names() if name.endswith(".glb")]
        return {name: tile.identity() for name in names if (tile := tiles.get(name))}


def pieces_of(town: Path) -> list[Path]:
    return sorted((town / "var" / "cache" / "town").glob("piece-*"))


def test_what_has_not_changed_is_taken_whole_from_the_cache(town: Path) -> None:
    first = build(town)
    again = build(town)
    assert (first.reused, again.reused) == (0, first.tiles)
    assert bytes_of(again) == bytes_of(first)
    assert "read" not in again.seconds
    assert (again.figures, again.warnings, again.city) == (first.figures, first.warnings, first.city)
    names = (Path(again.out) / "names.ndjson").read_bytes()
    assert names == (Path(first.out) / "names.ndjson").read_bytes()


def test_force_uses_nothing_that_was_kept(town: Path) -> None:
    first = build(town)
    forced = build(town, force=True)
    assert forced.reused == 0
    assert "read" in forced.seconds
    assert bytes_of(forced) == bytes_of(first)


def test_one_changed_building_makes_its_own_tiles_anew_and_those_above(town: Path) -> None:
    before = build(town)

    def taller(houses: list[Feature]) -> None:
        houses[1234]["properties"]["tall"] = 44.0

    write_houses(town, taller)
    after = build(town)
    assert bytes_of(after) == bytes_of(build(town, workspace="fresh"))
    old, new = tiles_of(before), tiles_of(after)
    touched = {name for name in new if old.get(name) != new[name]}
    assert 1 < len(touched) <= 8
    chain = [tuple(map(int, name.removesuffix(".glb").split("/"))) for name in sorted(touched)]
    z, x, y = max(chain)
    assert all((x >> (z - k), y >> (z - k)) == (i, j) for k, i, j in chain)
    assert after.tiles - after.reused < 0.2 * after.tiles


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.8])
def test_a_stopped_build_goes_on_where_it_stood(tmp_path: Path, how: signal.Signals, share: float) -> None:
    """Stopped when so many of the pieces are there: the next makes the rest, and ends with the same bytes."""
    write_houses(tmp_path)
    (tmp_path / "town.toml").write_text(recipe_text(), encoding="utf-8")
    whole = build_as_command(tmp_path, "whole")
    assert whole.wait(timeout=120) == 0
    pieces = tmp_path / "var" / "cache" / "town"
    stopped = build_as_command(tmp_path, "var")
    total = len(list((tmp_path / "whole" / "cache" / "town").glob("piece-*")))
    while len(list(pieces.glob("piece-*"))) < share * total or not list(pieces.glob("plan-*")):
        assert stopped.poll() is None, "it was done before it could be stopped"
        time.sleep(0.002)
    os.killpg(stopped.pid, how)
    stopped.wait(timeout=60)
    assert not list(tmp_path.glob("var/builds/town/*/manifest.json"))
    kept = len(list(pieces.glob("piece-*")))
    assert build_as_command(tmp_path, "var").wait(timeout=120) == 0
    (one,), (other,) = (list(tmp_path.glob(f"{w}/builds/town/*/town.3tz")) for w in ("var", "whole"))
    assert one.read_bytes() == other.read_bytes()
    text = (one.parent / "report.txt").read_text()
    assert f"reused: {0 if not kept else ''}" in text
    assert "  read:" not in text


def build_as_command(folder: Path, workspace: str) -> subprocess.Popen[str]:
    code = (
        "import sys, smap.build.planning as p; p.MOST_BUILDINGS = 300; p.LEAF_TRIANGLES = 1000;"
        "from smap.cli.main import main; sys.exit(main(sys.argv[1:]))"
    )
    words = ["build", str(folder / "town.toml"), "--workspace", str(folder / workspace), "--jobs", "1"]
    return subprocess.Popen([sys.executable, "-c", code, *words], text=True, process_group=0)


@pytest.mark.parametrize("damage", ["cut short", "flipped", "empty", "swapped"])
def test_a_damaged_cache_is_noticed_and_never_used(town: Path, damage: str) -> None:
    whole = bytes_of(build(town))
    pieces = pieces_of(town)
    data = bytearray(pieces[2].read_bytes())
    if damage == "cut short":
        pieces[2].write_bytes(data[:-100])
    elif damage == "flipped":
        data[len(data) // 2] ^= 1
        pieces[2].write_bytes(data)
    elif damage == "empty":
        pieces[2].write_bytes(b"")
    else:
        pieces[2].write_bytes(pieces[1].read_bytes())
    again = build(town)
    assert bytes_of(again) == whole
    assert 0 < again.reused < again.tiles
    assert bytes_of(build(town)) == whole


def test_a_damaged_plan_is_made_again(town: Path) -> None:
    whole = bytes_of(build(town))
    (plan,) = (town / "var" / "cache" / "town").glob("plan-*")
    plan.write_bytes(plan.read_bytes()[:-1])
    again = build(town)
    assert "read" in again.seconds
    assert bytes_of(again) == whole


def test_other_terrain_under_the_same_city_keeps_the_plan_and_seats_it_anew(town: Path) -> None:
    first = build(town)
    write_ground(town, slope=0.3)
    moved = build(town)
    assert moved.version != first.version
    assert bytes_of(moved) == bytes_of(build(town, workspace="fresh"))


def test_two_builds_at_once_do_not_hurt_each_other(tmp_path: Path) -> None:
    write_houses(tmp_path)
    (tmp_path / "town.toml").write_text(recipe_text(), encoding="utf-8")
    both = [build_as_command(tmp_path, "var") for _ in range(2)]
    assert [one.wait(timeout=120) for one in both] == [0, 0]
    assert len(list(tmp_path.glob("var/builds/town/*/town.3tz"))) == 1
    assert build_as_command(tmp_path, "var").wait(timeout=120) == 0
    cache = tmp_path / "var" / "cache" / "town"
    assert not [path for path in cache.iterdir() if path.name.endswith(".part")]


def test_gc_clears_the_cache_unless_a_build_is_using_it(town: Path) -> None:
    whole = bytes_of(build(town))
    folder = town / "var" / "cache" / "town"
    with open_cache(folder):
        assert "cache/town" not in clear_workspace(town / "var").removed
    assert pieces_of(town)
    assert "cache/town" in clear_workspace(town / "var").removed
    assert not folder.exists()
    assert bytes_of(build(town)) == whole
