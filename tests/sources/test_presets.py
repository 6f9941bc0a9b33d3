from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from smap.errors import RecipeError
from smap.sources.presets import PRESETS, guess_preset, resolve_preset
from smap.sources.vector import VectorSpec, read_features
from tests.sources.files import squares, write


def d010(count: int) -> list[str]:
    return [f"A{i}" for i in range(count)]


@pytest.mark.parametrize(
    ("count", "present"),
    [
        (
            23,
            {"id": "A19", "height": "A16", "pnu": "A2", "use": "A9", "structure": "A11", "year_built": "A13"},
        ),
        (24, {"id": "A19", "height": "A16"}),
        (
            29,
            {
                "id": "A19",
                "height": "A16",
                "floors": "A26",
                "floors_below": "A27",
                "name": "A24",
                "dong": "A25",
            },
        ),
    ],
)
def test_al_d010_is_known_by_its_number_of_fields(count: int, present: dict[str, str]) -> None:
    found = resolve_preset("al_d010", d010(count), where="a.shp")
    assert found.items() >= present.items()
    assert ("floors" in found) == (count == 29)


@pytest.mark.parametrize("count", [22, 25, 28, 30])
def test_al_d010_with_another_number_of_fields_is_refused(count: int) -> None:
    with pytest.raises(RecipeError, match=rf"23, 24, 29 fields, this one has {count}; leave the preset out"):
        resolve_preset("al_d010", d010(count), where="a.shp")


@pytest.mark.parametrize(
    ("columns", "preset"),
    [
        (d010(23), "al_d010"),
        (d010(29), "al_d010"),
        (d010(36), "al_d198"),
        (["BD_MGT_SN", "GRO_FLO_CO", "BULD_NM"], "tl_spbd_buld"),
        (["UFID", "BD_MGT_SN", "GRND_FLR", "HEIGHT"], "f_fac_building"),
        (["osm_way_id", "height_m", "levels", "gu"], "osm"),
        (["@id", "building", "building:levels"], "osm"),
        (["id", "height"], None),
        (["ID", "HEIGHT", "FLOORS"], None),
        ([], None),
    ],
)
def test_a_file_is_recognised_by_its_fields(columns: list[str], preset: str | None) -> None:
    assert guess_preset(columns) == preset


def test_field_names_are_found_whatever_their_case() -> None:
    assert resolve_preset("f_fac_building", ["height", "Grnd_Flr"], where="a")["floors"] == "Grnd_Flr"


def test_every_preset_names_itself() -> None:
    assert all(name == preset.name for name, preset in PRESETS.items())


def test_a_table_of_29_fields_in_cp949_is_read_by_its_preset(tmp_path: Path) -> None:
    texts = {f"A{i}": ["가", "나"] for i in range(29)}
    columns = {**texts, "A13": ["1998-05-12", ""], "A16": np.array([12.5, 0.0]), "A26": np.array([4, 0])}
    path = write(
        tmp_path / "AL_D010_11_20240101.shp",
        crs="EPSG:5186",
        shapes=squares(2, "EPSG:5186"),
        columns={**columns, "A19": ["1998123", "1998124"], "A24": ["세운상가", ""]},
        encoding="CP949",
    )
    chunk = next(read_features(VectorSpec(path, preset="al_d010")))
    assert chunk.columns["id"].tolist() == ["1998123", "1998124"]
    assert chunk.columns["name"].tolist() == ["세운상가", None]
    assert chunk.columns["height"].tolist() == [12.5, 0.0]
    assert chunk.columns["floors"].tolist() == [4, 0]
    np.testing.assert_array_equal(chunk.columns["year_built"], [1998, np.nan])
