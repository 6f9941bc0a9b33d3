"""The benchmark of the offices' files, on one gu in the stead of all."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.offices import figures_of, joined
from tests.sources.offices import VINTAGES, real_houses

LIMIT_M = {5186: 0.02, 5174: 0.06}


@pytest.mark.real
@pytest.mark.parametrize("fields", VINTAGES)
def test_a_real_gu_of_each_vintage_is_built_without_an_edit_readable_and_in_its_place(
    fields: int, seoul_data: Path, tmp_path: Path
) -> None:
    found = figures_of(tmp_path, real_houses(seoul_data), fields)
    assert found["features_read"] == found["features_built"] == found["rows"] == found["houses"] == 4_990
    assert found["garbled"] == 0
    assert found["off_m"] <= LIMIT_M[found["crs"]]


@pytest.mark.real
def test_25_zips_of_the_address_office_give_a_real_gu_its_names_and_floors(
    seoul_data: Path, tmp_path: Path
) -> None:
    found = joined(tmp_path, real_houses(seoul_data))
    assert (found["rows"], found["matched"], found["unmatched"]) == (4_990, 4_990, 0)
    assert found["floors_amiss"] == 0
    assert found["named"] > 0.7 * 4_990
