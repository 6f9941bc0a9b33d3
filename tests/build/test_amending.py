"""What is amended after a change is to the last byte what a whole build of the changed source makes."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smap.build import pipeline
from smap.build.progress import SilentProgress
from smap.build.report import BuildReport
from smap.build.tile import make_tile
from smap.store import open_tiles
from tests.build.town import Feature, house, recipe_text, write_ground, write_town

HOUSES = 1_500
ROW = 50
TWIN = 1_300
Edit = Callable[[list[Feature]], None]


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of several partitions, on terrain; two thirds of the heights are estimated."""
    monkeypatch.setattr("smap.build.planning.MOST_BUILDINGS", 300)
    monkeypatch.setattr("smap.build.planning.LEAF_TRIANGLES", 1_000)
    write_ground(tmp_path)
    more = '[ground]\nterrain = "ground.toml"\n'
    text = recipe_text(more, source='path = "town.geojson"\nkeep = ["quarter", "year"]')
    (tmp_path / "town.toml").write_text(text.replace('levels"', 'levels"\nname = "called"'), encoding="utf-8")
    write_town(tmp_path, houses())
    return tmp_path


def houses() -> list[Feature]:
    """A third with heights, some with floors, some with names; numbers without a gap and texts with many.

    Two have the same outline.
    """
    dice = random.Random(1)
    found = []
    for i in range(HOUSES):
        one = house(
            i,
            tall=round(dice.uniform(3.0, 40.0), 1) if dice.random() < 0.3 else None,
            levels=dice.randint(1, 9) if dice.random() < 0.1 else None,
            called=f"집 {i}" if i % 7 == 0 else None,
            quarter=f"동{i % 11}" if i % 5 else None,
            year=1950 + i % 70,
        )
        east, north = 0.0004 * (i % ROW - i % 10), 0.0004 * (i // ROW - i // 10)
        move(one, east + dice.uniform(0.0, 1e-4), north + dice.uniform(0.0, 1e-4))
        found.append(one)
    twin = found[TWIN]["properties"] | {"tall": 20.0, "levels": None, "called": None, "quarter": "동1"}
    found[TWIN]["properties"] = twin
    found[TWIN + 1] = {**found[TWIN], "properties": {**twin, "key": "twin", "tall": 10.0}}
    return found


def move(one: Feature, east: float, north: float) -> None:
    ring = one["geometry"]["coordinates"][0]
    one["geometry"]["coordinates"] = [[[round(x + east, 7), round(y + north, 7)] for x, y in ring]]


def build(town: Path, workspace: str = "var", *, force: bool = False) -> BuildReport:
    return pipeline.build(
        town / "town.toml", workspace=town / workspace, progress=SilentProgress(), jobs=1, force=force
    )


def all_of(report: BuildReport) -> dict[str, Any]:
    """Whatever a build says and holds, but for what tells of the work on it."""
    out = Path(report.out)
    facts = {
        key: report.as_json()[key] for key in ("version", "features_built", "figures", "warnings", "city")
    }
    names = (out / "names.ndjson").read_text(encoding="utf-8")
    return {**facts, "archive": (out / "town.3tz").read_bytes(), "names": names}


def is_amended(report: BuildReport) -> bool:
    return "read" in report.seconds and "assign" not in report.seconds


def known(features: list[Feature], field: str = "tall", *, known: bool = True) -> list[Feature]:
    return [one for one in features if (one["properties"][field] is not None) == known]


def taller(features: list[Feature]) -> None:
    known(features)[200]["properties"]["tall"] += 31.5


def named(features: list[Feature]) -> None:
    known(features, "called")[30]["properties"]["called"] = "새 이름"


def elsewhere(features: list[Feature]) -> None:
    features[700]["properties"] |= {"quarter": None, "year": 2020}


def swapped(features: list[Feature]) -> None:
    """As a writer that sorts may do, and one of them becomes taller."""
    features[1220], features[1221] = features[1221], features[1220]
    features[1222], features[1205] = features[1205], features[1222]
    known(features)[250]["properties"]["tall"] += 9.0


def written_again(features: list[Feature]) -> None:
    """With nothing new in it."""


def added(features: list[Feature]) -> None:
    one = house(3, key="new", tall=12.0, called=None, quarter="동1", year=2000)
    move(one, 0.002, 0.0021)
    features.insert(800, one)


def removed(features: list[Feature]) -> None:
    del features[777]


def moved(features: list[Feature]) -> None:
    move(features[321], 0.0003, 0.0001)


def measured_now(features: list[Feature]) -> None:
    known(features, known=False)[100]["properties"]["tall"] = 17.0


def no_longer_measured(features: list[Feature]) -> None:
    known(features)[100]["properties"]["tall"] = None


def renumbered(features: list[Feature]) -> None:
    features[900]["properties"]["key"] = "other"


def doubled(features: list[Feature]) -> None:
    features[901]["properties"]["key"] = features[902]["properties"]["key"]


def nameless_now(features: list[Feature]) -> None:
    known(features, "called")[20]["properties"]["called"] = None


def a_gap(features: list[Feature]) -> None:
    """Whole numbers become fractions all over the city."""
    features[903]["properties"]["year"] = None


def below_zero(features: list[Feature]) -> None:
    known(features)[201]["properties"]["tall"] = -3.0


def garbled(features: list[Feature]) -> None:
    features[904]["properties"]["quarter"] = "占쏙옙"


def made_a_double(features: list[Feature]) -> None:
    features[TWIN + 1]["properties"]["tall"] = features[TWIN]["properties"]["tall"]


def first_moved(features: list[Feature]) -> None:
    features[0], features[1] = features[1], features[0]


AMENDED = [taller, named, elsewhere, swapped, written_again]
BEYOND = [
    *(added, removed, moved, measured_now, no_longer_measured, renumbered, doubled, nameless_now, a_gap),
    *(below_zero, garbled, made_a_double, first_moved),
]


@pytest.mark.parametrize("edit", [*AMENDED, *BEYOND], ids=lambda edit: edit.__name__)
def test_after_one_change_a_build_is_what_a_whole_one_is(town: Path, edit: Edit) -> None:
    build(town)
    features = houses()
    edit(features)
    write_town(town, features)
    after = build(town)
    assert is_amended(after) == (edit in AMENDED)
    assert all_of(after) == all_of(build(town, "fresh"))
    if edit in AMENDED:
        assert after.reused > 0.6 * after.tiles


@pytest.mark.parametrize("seed", range(2))
def test_change_upon_change_ends_with_the_bytes_of_a_whole_build(town: Path, seed: int) -> None:
    """Also where a change reaches too far and all is settled anew in between."""
    dice = random.Random(seed)
    features = houses()
    build(town)
    amended = 0
    for _ in range(8):
        for _ in range(dice.randint(1, 3)):
            at_random(features, dice)
        write_town(town, features)
        after = build(town)
        amended += is_amended(after)
        assert all_of(after) == all_of(build(town, "fresh", force=True))
    assert amended


def at_random(features: list[Feature], dice: random.Random) -> None:
    one = dice.choice(features)
    roll = dice.random()
    if roll < 0.5:
        other = dice.choice(known(features))
        other["properties"]["tall"] = round(other["properties"]["tall"] * dice.uniform(0.5, 2.0), 1)
    elif roll < 0.8:
        one["properties"] |= {
            "quarter": dice.choice(["동1", "새 동", None]),
            "year": dice.randint(1900, 2020),
        }
    elif roll < 0.9:
        at = dice.randrange(1001, len(features) - 1)
        features[at], features[at + 1] = features[at + 1], features[at]
    elif roll < 0.94:
        move(one, dice.uniform(-2e-4, 2e-4), dice.uniform(-2e-4, 2e-4))
    elif roll < 0.97:
        features.remove(one)
    else:
        one["properties"]["tall"] = None if one["properties"]["tall"] else 11.0


@pytest.mark.parametrize("lost", ["ledger-*", "rows-*", "plan-*", "piece-*", "*"])
@pytest.mark.parametrize("how", ["torn", "flipped", "gone"])
def test_what_is_kept_is_not_used_unless_it_is_whole(town: Path, lost: str, how: str) -> None:
    build(town)
    for path in (town / "var" / "cache" / "town").glob(lost):
        data = bytearray(path.read_bytes())
        if how == "gone" and data:
            path.unlink()
        elif data:
            data[len(data) // 2] ^= 1
            path.write_bytes(data if how == "flipped" else data[: len(data) // 2])
    features = houses()
    taller(features)
    write_town(town, features)
    assert all_of(build(town)) == all_of(build(town, "fresh"))


def test_the_next_change_is_told_from_the_last_one(town: Path) -> None:
    """A build without a change keeps what amending needs, and so does an amended one."""
    build(town)
    assert build(town).reused
    for steps in (1, 2):
        features = houses()
        for one in known(features)[:steps]:
            one["properties"]["tall"] += 5.0
        write_town(town, features)
        after = build(town)
        assert is_amended(after)
    assert all_of(after) == all_of(build(town, "fresh"))


def test_tiles_that_are_the_same_are_not_made_again(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the partition that changed only the leaf and what stands above it."""
    before = build(town)
    made: list[str] = []

    def noted(task: Any) -> Any:
        made.append(task.path)
        return make_tile(task)

    monkeypatch.setattr("smap.build.piece.make_tile", noted)
    features = houses()
    elsewhere(features)
    write_town(town, features)
    after = build(town)
    tiles = [archive_of(report) for report in (before, after)]
    touched = {name for name in tiles[1] if tiles[0].get(name) != tiles[1][name]} - {"tileset.json"}
    assert touched <= set(made)
    assert len(made) <= 8
    assert after.tiles - after.reused <= len(made)


def archive_of(report: BuildReport) -> dict[str, bytes]:
    with open_tiles(Path(report.out) / "town.3tz") as tiles:
        return {name: tile.identity() for name in tiles.names() if (tile := tiles.get(name))}
