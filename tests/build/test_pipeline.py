"""The pipeline from end to end, on a made town: what arrives, what is refused, what is left behind."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from smap.build import pipeline
from smap.build.progress import SilentProgress
from smap.build.report import BuildReport
from smap.errors import (
    CrsError,
    InputError,
    InterruptedWorkError,
    RecipeError,
    SmapError,
    StorageError,
    UsageError,
)
from smap.store import open_tiles
from tests.build.town import FEATURES, house, recipe_text, write_ground, write_town


def build(folder: Path, text: str | None = None, **options: Any) -> BuildReport:
    recipe = folder / "town.toml"
    recipe.write_text(recipe_text() if text is None else text, encoding="utf-8")
    workspace, jobs = folder / "var", options.pop("jobs", 1)
    return pipeline.build(recipe, workspace=workspace, progress=SilentProgress(), jobs=jobs, **options)


@pytest.fixture
def town(tmp_path: Path) -> Path:
    write_town(tmp_path)
    return tmp_path


def test_a_build_lies_under_its_version_and_says_what_it_is(town: Path) -> None:
    report = build(town)
    out = town / "var" / "builds" / "town" / report.version
    assert Path(report.out) == out
    assert sorted(path.name for path in out.iterdir()) == [
        *("manifest.json", "names.ndjson", "report.html", "report.json", "report.txt", "town.3tz")
    ]
    assert hashlib.sha256((out / "town.3tz").read_bytes()).hexdigest()[:12] == report.version
    assert (out.parent / "latest").read_text().strip() == report.version
    assert sorted(path.name for path in out.parent.iterdir()) == sorted(["latest", report.version])
    manifest = json.loads((out / "manifest.json").read_text())
    assert (manifest["name"], manifest["kind"], manifest["version"]) == ("town", "buildings", report.version)
    assert manifest["bbox"] == pytest.approx([126.97, 37.56, 126.97375, 37.5621], abs=1e-6)
    assert manifest["terrain"] is None
    assert manifest["report"]["figures"]["heights"] == {"height": 20, "floors": 20, "estimate": 20}
    assert "H = 0" in (out / "report.txt").read_text()


def test_the_report_is_what_json_promises(town: Path) -> None:
    report = build(town).as_json()
    assert list(report) == [
        *("tileset", "version", "features_read", "features_built", "dropped", "reused"),
        *("tiles", "bytes", "seconds", "peak_rss_mb", "out", "figures", "warnings", "city"),
    ]
    assert (report["features_read"], report["features_built"], report["dropped"]) == (60, 60, {})
    assert report["bytes"] == sum(path.stat().st_size for path in Path(report["out"]).iterdir())
    assert report["seconds"]["total"] >= report["seconds"]["read"] >= 0.0
    assert report["peak_rss_mb"] > 50.0


def test_all_that_is_dropped_has_a_reason(town: Path) -> None:
    line = {"type": "LineString", "coordinates": [[126.97, 37.56], [126.98, 37.56]]}
    odd: list[dict[str, Any]] = [
        {**house(60), "geometry": None},
        {**house(61), "geometry": line},
        {**house(62), "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}},
        house(0, key="twin", tall=3.0),
    ]
    write_town(town, FEATURES + odd)
    report = build(town)
    assert report.features_read == 64
    assert report.features_built == 60
    assert report.dropped == {"no_geometry": 1, "not_a_polygon": 1, "outside_area": 1, "duplicate": 1}


def test_the_number_of_jobs_changes_no_byte(town: Path) -> None:
    write_ground(town)
    text = recipe_text('[ground]\nterrain = "ground.toml"\n')
    one = build(town, text, out=town / "one", jobs=1)
    two = build(town, text, out=town / "two", jobs=2)
    assert (town / "one" / "town.3tz").read_bytes() == (town / "two" / "town.3tz").read_bytes()
    assert one.version == two.version


def test_the_order_of_the_input_changes_no_smap_id(town: Path) -> None:
    forward = ids_of(build(town))
    write_town(town, FEATURES[::-1])
    assert ids_of(build(town)) == forward == {f"town:h{i}" for i in range(60)}


def ids_of(report: BuildReport) -> set[str]:
    from smap.formats.glb import decode_glb

    with open_tiles(Path(report.out) / "town.3tz") as tiles:
        glbs = [
            decode_glb(tile.identity())
            for name in tiles.names()
            if name.endswith(".glb") and (tile := tiles.get(name))
        ]
    return {one for glb in glbs if glb.table for one in glb.table.columns["smap_id"].values.tolist() if one}


def test_terrain_is_built_first_and_only_once(town: Path) -> None:
    write_ground(town)
    text = recipe_text('[ground]\nterrain = "ground.toml"\n')
    first = build(town, text)
    assert "terrain" in first.seconds
    ground = town / "var" / "builds" / "ground"
    version = (ground / "latest").read_text()
    built = (ground / version.strip() / "ground.3tz").stat().st_mtime_ns
    second = build(town, text)
    assert second.version == first.version
    assert (ground / version.strip() / "ground.3tz").stat().st_mtime_ns == built
    manifest = json.loads((Path(second.out) / "manifest.json").read_text())
    assert manifest["terrain"]["name"] == "ground"
    assert manifest["terrain"]["version"] == version.strip()


def test_terrain_whose_recipe_changed_is_built_again(town: Path) -> None:
    recipe = write_ground(town)
    text = recipe_text('[ground]\nterrain = "ground.toml"\n')
    build(town, text)
    before = (town / "var" / "builds" / "ground" / "latest").read_text()
    recipe.write_text(recipe.read_text().replace("EPSG:5193", "ellipsoid"))
    build(town, text)
    assert (town / "var" / "builds" / "ground" / "latest").read_text() != before


def test_a_bare_raster_and_a_built_archive_are_terrain_too(town: Path) -> None:
    write_ground(town)
    report = build(town, recipe_text('[ground]\nterrain = "ground.tif"\n'))
    archive = next((town / "var" / "builds" / "ground").glob("*/ground.3tz"))
    manifest = json.loads((Path(report.out) / "manifest.json").read_text())
    same = build(town, recipe_text(f'[ground]\nterrain = "{archive}"\n'))
    assert same.version == report.version
    assert manifest["terrain"]["version"] == archive.parent.name


def test_out_is_filled_and_needs_force_when_not_empty(town: Path) -> None:
    out = town / "out"
    out.mkdir()
    report = build(town, out=out)
    assert Path(report.out) == out
    assert [path.name for path in (town / "var").iterdir()] == ["cache"]
    with pytest.raises(UsageError, match="not empty"):
        build(town, out=out)
    assert build(town, out=out, force=True).version == report.version


def nothing_is_left(folder: Path, *files: str) -> bool:
    return sorted(path.name for path in folder.iterdir()) == sorted(("town.toml", "town.geojson", *files))


@pytest.mark.parametrize(
    ("text", "error", "told"),
    [
        (recipe_text(source='path = "no.geojson"'), InputError, "no.geojson"),
        (recipe_text().replace('"tall"', '"toll"'), RecipeError, "toll.*key.*tall"),
        (recipe_text(source='path = "town.geojson"\npreset = "osmm"'), RecipeError, "osmm.*known"),
        (recipe_text(source='path = "town.geojson"\ncrs = "EPSG:99999"'), CrsError, "99999"),
        (recipe_text(source='path = "town.geojson"\ncrs = "EPSG:5186"'), SmapError, "5186"),
        (recipe_text(source='path = "town.geojson"\nclip = [1.0, 1.0, 2.0, 2.0]'), SmapError, "clip"),
        (recipe_text('[ground]\nterrain = "no.toml"'), InputError, "no.toml: no such file"),
        (recipe_text('[ground]\nterrain = "town.toml"'), RecipeError, "kind 'buildings'"),
        (recipe_text('[ground]\nterrain = "town.geojson"'), InputError, "town.geojson"),
        (recipe_text('[[mask]]\npath = "no.geojson"'), InputError, "no.geojson"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    town: Path, text: str, error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told) as refusal:
        build(town, text)
    assert "\n" not in str(refusal.value)
    assert nothing_is_left(town)


def test_a_full_disk_is_one_line_and_leaves_nothing(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("smap.store.archive._write_entry", full)
    with pytest.raises(StorageError, match="No space left"):
        build(town)
    assert [path.name for path in (town / "var").iterdir()] == ["cache"]


def test_an_interruption_is_one_line_and_leaves_nothing(town: Path) -> None:
    class Impatient(SilentProgress):
        def start(self, stage: str, total: int | None) -> None:
            if stage == "tiles":
                raise KeyboardInterrupt

    (town / "town.toml").write_text(recipe_text())
    with pytest.raises(InterruptedWorkError, match="interrupted"):
        pipeline.build(town / "town.toml", workspace=town / "var", progress=Impatient(), jobs=2)
    assert [path.name for path in (town / "var").iterdir()] == ["cache"]


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 2), (signal.SIGTERM, 2), (signal.SIGKILL, -9)])
def test_a_signalled_build_looks_unbuilt_and_the_next_one_clears_it(
    town: Path, how: signal.Signals, code: int
) -> None:
    write_town(town, [house(i, key=f"k{i}") for i in range(12_000)])
    (town / "town.toml").write_text(recipe_text())
    command = [sys.executable, "-m", "smap.cli.main", "build", str(town / "town.toml"), "--jobs", "2"]
    command += ["--workspace", str(town / "var")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, process_group=0)
    while not list(town.glob("var/builds/town/.town.*.part")):
        assert process.poll() is None
        time.sleep(0.01)
    time.sleep(0.2)
    os.killpg(process.pid, how)
    told = process.communicate(timeout=60)[1]
    assert process.returncode == code
    assert "Traceback" not in told
    assert not list(town.glob("var/builds/town/*/manifest.json"))
    if how != signal.SIGKILL:
        assert told.strip().splitlines()[-1].startswith("smap build: interrupted")
        assert not (town / "var" / "builds").exists()
    write_town(town)
    build(town)
    assert not list(town.glob("var/builds/town/.*"))


def test_the_command_prints_one_json_object_and_its_warnings_on_stderr(town: Path) -> None:
    (town / "town.toml").write_text(recipe_text())
    command = [
        sys.executable,
        "-m",
        "smap.cli.main",
        "build",
        str(town / "town.toml"),
        "--json",
        "--jobs",
        "1",
    ]
    done = subprocess.run(command, cwd=town, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1])["features_built"] == 60
    assert "warning: no [ground]" in done.stderr
    assert (town / "var" / "builds" / "town").is_dir()


def test_a_town_may_be_called_as_its_raster_is(town: Path) -> None:
    write_ground(town)
    report = build(town, recipe_text('[ground]\nterrain = "ground.tif"\n', name="ground"))
    manifest = json.loads((Path(report.out) / "manifest.json").read_text())
    assert manifest["terrain"]["name"] == "ground-terrain"


def test_a_town_and_its_terrain_recipe_of_one_name_are_refused(town: Path) -> None:
    write_ground(town)
    with pytest.raises(RecipeError, match="has the same name 'ground': rename one"):
        build(town, recipe_text('[ground]\nterrain = "ground.toml"\n', name="ground"))


def test_force_builds_the_terrain_anew(town: Path) -> None:
    write_ground(town)
    text = recipe_text('[ground]\nterrain = "ground.toml"\n')
    build(town, text)
    archive = next((town / "var" / "builds" / "ground").glob("*/ground.3tz"))
    archive.write_bytes(b"damaged")
    build(town, text, force=True)
    assert archive.stat().st_size > 7


def test_a_mask_without_areas_is_refused(town: Path) -> None:
    point = {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "Point", "coordinates": [126.97, 37.56]},
    }
    write_town(town, [point], name="mask.geojson")
    with pytest.raises(InputError, match=r"mask\.geojson: a mask needs areas"):
        build(town, recipe_text('[[mask]]\npath = "mask.geojson"\n'))


def test_a_building_of_two_kilometres_is_built(town: Path) -> None:
    ring = [[126.97, 37.56], [126.995, 37.56], [126.995, 37.5605], [126.97, 37.5605], [126.97, 37.56]]
    long = {"type": "Feature", "properties": {"key": "long", "tall": 9.0, "levels": 3, "use": "hall"}}
    write_town(town, [*FEATURES, long | {"geometry": {"type": "Polygon", "coordinates": [ring]}}])
    assert build(town).features_built == len(FEATURES) + 1
