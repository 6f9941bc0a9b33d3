from __future__ import annotations

from pathlib import Path

import pytest

from smap.content.exchange.geojson import read_geojson
from smap.content.exchange.importing import import_features
from smap.content.model import LAYERS
from tests.content.samples import ADMIN, NOW

CURATED = Path(__file__).resolve().parents[2] / "content"


@pytest.mark.parametrize("layer", LAYERS)
def test_our_own_records_are_sound(layer: str) -> None:
    features = read_geojson(CURATED / f"{layer}.geojson")
    report = import_features(None, ADMIN, layer, features, now=NOW, dry_run=True)
    assert [str(refusal) for refusal in report.refusals] == []
    assert report.written == len(features) > 0
