"""Is a build still the build of its recipe?"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from smap.build.inputs import digest_of
from smap.build.recipe import read_recipe
from tests.build.hall import hall, hall_recipe, write_glb, write_hall
from tests.build.town import FEATURES, recipe_text, write_town


def digest(folder: Path, text: str, version: str = "1") -> str:
    (folder / "town.toml").write_text(text)
    return digest_of(read_recipe(folder / "town.toml"), version)


def test_the_digest_changes_with_recipe_source_and_version_and_with_nothing_else(tmp_path: Path) -> None:
    write_town(tmp_path)
    plain = digest(tmp_path, recipe_text())
    assert digest(tmp_path, recipe_text() + "# a remark\n") == plain
    assert digest(tmp_path, recipe_text("[heights]\nstorey_m = 3.1")) != plain
    assert digest(tmp_path, recipe_text(), version="2") != plain
    write_town(tmp_path, FEATURES[:-1])
    assert digest(tmp_path, recipe_text()) != plain


def test_files_of_a_glob_count(tmp_path: Path) -> None:
    write_town(tmp_path, name="town_a.geojson")
    text = recipe_text(source='path = "town_*.geojson"')
    one = digest(tmp_path, text)
    write_town(tmp_path, FEATURES[:3], name="town_b.geojson")
    assert digest(tmp_path, text) != one


def test_a_recipe_is_the_same_however_its_path_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_town(tmp_path)
    whole = digest(tmp_path, recipe_text())
    monkeypatch.chdir(tmp_path.parent)
    assert digest_of(read_recipe(Path(tmp_path.name) / "town.toml"), "1") == whole


def test_the_file_of_the_water_counts(tmp_path: Path) -> None:
    (tmp_path / "ground.tif").write_bytes(b"heights")
    (tmp_path / "lake.geojson").write_text("a lake")
    text = """
    [tileset]
    name = "ground"
    kind = "terrain"
    [[source]]
    path = "ground.tif"
    [water]
    path = "lake.geojson"
    """
    full = digest(tmp_path, text)
    (tmp_path / "lake.geojson").write_text("a dry lake")
    assert digest(tmp_path, text) != full


def test_the_files_of_models_count_and_so_do_those_of_a_mask_of_models(tmp_path: Path) -> None:
    write_hall(tmp_path)
    write_town(tmp_path)
    mask = tmp_path / "halls.toml"
    mask.write_text(hall_recipe())
    masked = recipe_text('[[mask]]\npath = "halls.toml"')

    def both() -> tuple[str, str]:
        return digest_of(read_recipe(mask), "1"), digest(tmp_path, masked)

    plain = both()
    write_glb(tmp_path / "hall.2.glb", hall(1))
    coarser = both()
    mask.write_text(hall_recipe({"place": "heading = 1"}))
    turned = both()
    for one, other in ((plain, coarser), (coarser, turned)):
        assert all(a != b for a, b in zip(one, other, strict=True))


def test_a_change_in_the_middle_and_one_beside_the_file_count(tmp_path: Path) -> None:
    path = write_town(tmp_path)
    before = digest(tmp_path, recipe_text())
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1))
    after = digest(tmp_path, recipe_text())
    (tmp_path / "town.PRJ").write_text("elsewhere")
    assert len({before, after, digest(tmp_path, recipe_text())}) == 3
