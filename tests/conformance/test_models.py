"""Tiles of models before outside judges: npm meshoptimizer decodes the streams, gltf-validator judges."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from smap.build.pipeline import build
from smap.build.progress import SilentProgress
from smap.formats.glb import decode_glb
from tests.build.hall import hall_recipe, write_hall
from tests.conformance.judges import glbs_of, judge_glbs

pytestmark = pytest.mark.conformance


def judged(recipe: Path, folder: Path) -> int:
    report = build(recipe, workspace=folder / "var", progress=SilentProgress(), jobs=1)
    archive = Path(report.out) / f"{report.tileset}.3tz"
    verdict = judge_glbs(archive, twins=folder / "twins")
    assert (verdict.errors, verdict.warnings, verdict.faults) == (0, 0, {})
    for place, (_, glb) in enumerate(glbs_of(archive)):
        ours, theirs = decode_glb(glb), decode_glb((folder / "twins" / f"{place}.glb").read_bytes())
        np.testing.assert_array_equal(ours.positions, theirs.positions)
        np.testing.assert_array_equal(ours.triangles, theirs.triangles)
        np.testing.assert_equal(ours.colors, theirs.colors)
        np.testing.assert_equal(ours.normals, theirs.normals)
        np.testing.assert_equal(ours.feature_ids, theirs.feature_ids)
    return verdict.judged


def test_the_validator_finds_no_fault_in_tiles_of_models(tmp_path: Path) -> None:
    write_hall(tmp_path)
    halls = [{"id": f"h{i}", "lon": 126.97 + 0.002 * i, "place": f"heading = {17 * i}"} for i in range(9)]
    (tmp_path / "halls.toml").write_text(hall_recipe(*halls), encoding="utf-8")
    assert judged(tmp_path / "halls.toml", tmp_path) >= 4


@pytest.mark.real
def test_the_validator_finds_no_fault_in_a_real_scan(seoul_data: Path, tmp_path: Path) -> None:
    scan = seoul_data / "models" / "gyeongbokgung" / "sajeongmun.glb"
    text = hall_recipe({"place": "scale = 100\nheading = 33"}).replace("hall.glb", str(scan))
    text = text.replace('coarser = ["hall.1.glb", "hall.2.glb"]', "")
    (tmp_path / "halls.toml").write_text(text, encoding="utf-8")
    assert judged(tmp_path / "halls.toml", tmp_path) >= 2
