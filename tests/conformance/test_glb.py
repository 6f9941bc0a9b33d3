"""GLBs before outside judges: npm meshoptimizer decodes the streams, gltf-validator judges the plain twin."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from smap.formats.glb import decode_glb, encode_glb
from smap.store import write_archive
from tests.conformance.judges import judge_glbs
from tests.formats.glb_samples import prisms, surveyed_prisms

pytestmark = pytest.mark.conformance

TILES = {
    "one": prisms(1),
    "many": prisms(300),
    "wide": prisms(200, span=6000.0),
    "u32 indices": prisms(3400),
    "plain mesh": replace(prisms(2), normals=None, feature_ids=None, table=None),
    "float ids": replace(prisms(1), feature_ids=np.full(20, 70_000, np.uint32), table=None),
    "surveyed": surveyed_prisms(30),
    "surveyed without a table": replace(surveyed_prisms(3), table=None),
    "coloured": replace(prisms(1), colors=np.full((20, 4), 200, np.uint8)),
}


def test_the_validator_finds_no_fault_and_both_decoders_agree(tmp_path: Path) -> None:
    glbs = [(name, encode_glb(tile)) for name, tile in TILES.items()]
    verdict = judge_glbs(glbs, twins=tmp_path)
    assert (verdict.judged, verdict.errors, verdict.warnings, verdict.faults) == (len(TILES), 0, 0, {})
    for place, (_, glb) in enumerate(glbs):
        ours, theirs = decode_glb(glb), decode_glb((tmp_path / f"{place}.glb").read_bytes())
        np.testing.assert_array_equal(ours.positions, theirs.positions)
        np.testing.assert_array_equal(ours.triangles, theirs.triangles)
        np.testing.assert_equal(ours.normals, theirs.normals)
        np.testing.assert_equal(ours.feature_ids, theirs.feature_ids)
        for one, other in zip(ours.sets, theirs.sets, strict=True):
            np.testing.assert_equal(one.ids, other.ids)


def test_the_judge_sees_a_damaged_stream() -> None:
    glb = encode_glb(prisms(3))
    verdict = judge_glbs([("good", glb), ("bad", glb.replace(b'"count":60', b'"count":99', 1))])
    assert verdict.errors > 0
    assert list(verdict.faults) == ["bad"]


def test_the_judge_takes_a_whole_archive(tmp_path: Path) -> None:
    glb = encode_glb(prisms(3))
    write_archive(tmp_path / "a.3tz", [("tileset.json", b"{}"), ("0/0.glb", glb), ("0/1.glb", glb)])
    verdict = judge_glbs(tmp_path / "a.3tz")
    assert (verdict.judged, verdict.errors) == (2, 0)
