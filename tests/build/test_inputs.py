"""Is a build still the build of its recipe?"""

from __future__ import annotations

from pathlib import Path

from smap.build.inputs import digest_of
from smap.build.recipe import read_recipe
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
