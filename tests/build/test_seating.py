"""Seating on the real ground: 200 real buildings, half on slopes, by another decoder and by sampling."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.seating import seating, terrain_of
from smap.build.pipeline import build
from smap.build.progress import SilentProgress

RECIPE = Path(__file__).resolve().parent.parent.parent / "tiles" / "seoul-jung-gu.toml"


@pytest.mark.real
def test_200_real_buildings_stand_level_on_their_ground_without_daylight(
    seoul_data: Path, tmp_path: Path
) -> None:
    for name in ("seoul-jung-gu.toml", "seoul-terrain.toml"):
        text = (RECIPE.parent / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace("../../shared/data", str(seoul_data)), encoding="utf-8")
    report = build(tmp_path / "seoul-jung-gu.toml", workspace=tmp_path, progress=SilentProgress())
    assert (report.features_read, report.features_built, report.dropped) == (4990, 4990, {})
    figures = seating(Path(report.out) / "seoul-jung-gu.3tz", *terrain_of(report.out, tmp_path))
    assert (figures["buildings"], figures["steeper_than_10_percent"]) == (200, 100)
    assert figures["ground_level_off_m_most"] <= 0.1
    assert figures["wall_below_ground_m_least"] > 0.0
    assert figures["corners_in_daylight"] == 0
