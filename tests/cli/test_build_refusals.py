"""Every bad input ends `smap build` with exit code 2, one clear line, and nothing left behind."""

from __future__ import annotations

import gzip
import json
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyogrio
import pytest
import shapely

from smap.cli.main import main
from tests.cli.town import houses, write_ground, write_recipe, write_town

Spoil = Callable[[Path], Path]


def missing_file(town: Path) -> Path:
    return write_recipe(town, "gone.geojson")


def not_toml(town: Path) -> Path:
    recipe = town / "town.toml"
    recipe.write_text("[tileset\nname = ", encoding="utf-8")
    return recipe


def unknown_key(town: Path) -> Path:
    return write_recipe(town, source='colour = "red"')


def wrong_field(town: Path) -> Path:
    return write_recipe(town, height="HOEHE")


def unknown_crs(town: Path) -> Path:
    return write_recipe(town, source='crs = "EPSG:99999"')


def contradicting_crs(town: Path) -> Path:
    _write_table(town / "houses.gpkg", "EPSG:5186", move=(200_000.0, 600_000.0))
    return write_recipe(town, "houses.gpkg", source='crs = "EPSG:5181"')


def crs_out_of_its_area(town: Path) -> Path:
    """Grid metres of EPSG:5186 that call themselves degrees."""
    _write_table(town / "houses.gpkg", "EPSG:4326", move=(198_000.0, 553_000.0), scale=100_000.0)
    return write_recipe(town, "houses.gpkg")


def empty_layer(town: Path) -> Path:
    (town / "houses.geojson").write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    return write_recipe(town)


def truncated_gz(town: Path) -> Path:
    whole = gzip.compress((town / "houses.geojson").read_bytes())
    (town / "houses.geojson.gz").write_bytes(whole[: len(whole) // 2])
    return write_recipe(town, "houses.geojson.gz")


def truncated_geopackage(town: Path) -> Path:
    _write_table(town / "houses.gpkg", "EPSG:4326", count=2000)
    body = (town / "houses.gpkg").read_bytes()
    (town / "houses.gpkg").write_bytes(body[: len(body) // 2])
    return write_recipe(town, "houses.gpkg")


def missing_prj(town: Path) -> Path:
    _write_table(town / "houses.shp", "EPSG:4326")
    (town / "houses.prj").unlink()
    return write_recipe(town, "houses.shp")


def wrong_encoding(town: Path) -> Path:
    _write_table(town / "houses.shp", "EPSG:4326", encoding="CP949")
    return write_recipe(town, "houses.shp", source='encoding = "UTF-8"')


def no_data_only(town: Path) -> Path:
    write_ground(town / "ground.tif", nodata_only=True)
    return write_recipe(town)


def _write_table(
    path: Path,
    crs: str,
    *,
    move: tuple[float, float] = (0.0, 0.0),
    scale: float = 1.0,
    count: int = 40,
    encoding: str | None = None,
) -> None:
    """The town's houses through GDAL, placed elsewhere where a test wants the numbers wrong."""
    import numpy as np

    features = houses(count)["features"]
    shapes = [shapely.from_geojson(json.dumps(f["geometry"])) for f in features]
    placed = (
        shapely.transform(shapes, lambda xy: (xy - [126.9, 37.5]) * scale + move) if any(move) else shapes
    )
    columns = [[f["properties"][name] for f in features] for name in ("id", "height_m", "name")]
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array(placed)),
        field_data=[np.array(columns[0], object), np.array(columns[1]), np.array(columns[2], object)],
        fields=["id", "height_m", "name"],
        geometry_type="Polygon",
        crs=crs,
        encoding=encoding,
    )


REFUSALS: dict[str, tuple[Spoil, tuple[str, ...]]] = {
    "missing file": (missing_file, ("gone.geojson",)),
    "not TOML": (not_toml, ("town.toml", "line 1")),
    "unknown key": (unknown_key, ("colour", "encoding")),
    "wrong field": (wrong_field, ("HOEHE", "height_m")),
    "unknown CRS": (unknown_crs, ("EPSG:99999",)),
    "CRS that contradicts the file": (contradicting_crs, ("EPSG:5181", "EPSG:5186")),
    "CRS that puts the data out of its area": (crs_out_of_its_area, ("EPSG:5186",)),
    "empty layer": (empty_layer, ("houses.geojson", "no features")),
    "truncated gz": (truncated_gz, ("houses.geojson.gz",)),
    "truncated GeoPackage": (truncated_geopackage, ("houses.gpkg",)),
    "missing prj": (missing_prj, ("houses.shp", ".prj", "crs")),
    "DBF in the wrong encoding": (wrong_encoding, ("houses", "name", "row 1", "cp949")),
    "elevation of no-data only": (no_data_only, ("ground.tif", "no-data")),
}


@pytest.mark.parametrize("fault", REFUSALS)
def test_a_bad_input_ends_in_one_line_that_names_it(
    fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town, workspace, out = tmp_path / "town", tmp_path / "var", tmp_path / "out"
    write_town(town)
    spoil, words = REFUSALS[fault]
    recipe = spoil(town)
    assert main(["build", str(recipe), "--workspace", str(workspace), "--out", str(out), "--jobs", "1"]) == 2
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("smap build:")]
    assert len(told) == 1, told
    missing = [word for word in words if word not in told[0]]
    assert not missing, told[0]
    assert not out.exists()
    assert not list(workspace.glob("builds/**/*.3tz"))


def test_a_town_without_a_fault_is_built(tmp_path: Path) -> None:
    """The refusals above mean something only if the unspoilt town builds."""
    recipe = write_town(tmp_path / "town")
    assert main(["build", str(recipe), "--workspace", str(tmp_path / "var"), "--jobs", "1"]) == 0
    assert list(tmp_path.glob("var/builds/town/*/town.3tz"))


def build_command(recipe: Path, workspace: Path) -> list[str]:
    words = ["build", str(recipe), "--workspace", str(workspace), "--jobs", "1"]
    return [sys.executable, "-m", "smap.cli.main", *words]


def test_a_full_disk_ends_in_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    """A limit on the size of files answers as a full disk does: the write fails in its middle."""
    recipe = write_town(tmp_path / "town", 400)

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    command = build_command(recipe, tmp_path / "var")
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=little_room, check=False)
    assert done.returncode == 2, done.stderr
    told = [line for line in done.stderr.splitlines() if line.startswith("smap build:")]
    assert len(told) == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("var/builds/**/*.3tz"))


def test_a_disk_that_is_really_full_ends_in_one_line_of_its_own(tmp_path: Path) -> None:
    """On a small file system; the line must not be glued to a progress bar."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small file system cannot be mounted here: that needs root")
    try:
        command = build_command(write_town(tmp_path / "town", 40_000), disk)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        left = [*disk.glob("builds/town/*"), *disk.glob("builds/**/.*")]  # the finished ground may stay
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    assert done.returncode == 2, done.stderr
    last = done.stderr.split("\n")[-2].split("\r")[-1]
    assert last.startswith("smap build: "), last
    assert "No space left" in last
    assert left == []


@pytest.mark.parametrize("after", [0.3, 1.0, 2.5])
def test_an_interrupt_ends_in_one_line_and_leaves_nothing_that_looks_complete(
    tmp_path: Path, after: float
) -> None:
    recipe = write_town(tmp_path / "town", 60_000)
    command = build_command(recipe, tmp_path / "var")
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(after)
    running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=60)
    if running.returncode == 0:
        pytest.skip("the build was done before the interrupt came")
    assert "Traceback" not in told
    assert running.returncode in {2, -signal.SIGINT}, told
    assert not list(tmp_path.glob("var/builds/town/*/manifest.json"))
