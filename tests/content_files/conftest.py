"""The curated features, read once for all tests of this folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ("heritage", "tourism", "wall", "alleys")

Feature = dict[str, Any]
Content = dict[str, list[Feature]]


@pytest.fixture(scope="session")
def content() -> Content:
    """Give the features of each layer as they stand in content/LAYER.geojson."""
    return {layer: _features(layer) for layer in LAYERS}


def _features(layer: str) -> list[Feature]:
    text = (ROOT / "content" / f"{layer}.geojson").read_text(encoding="utf-8")
    features: list[Feature] = json.loads(text)["features"]
    return features
