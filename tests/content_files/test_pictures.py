"""Every record has a picture: small, sound, not blank, and none like another."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from tests.content_files.conftest import ROOT, Content

PICTURES = ROOT / "content" / "pictures"
SIZE = (640, 400)
MOST_BYTES = 20_000
#: Grey levels by which 64 x 40 parts differ from their mean: bare ground has 2.6, the least of ours 14.
LEAST_SPREAD = 8.0
#: Mean difference of grey levels: one view in two qualities has up to 2.8, the nearest two of ours 8.6.
LEAST_APART = 4.0


@pytest.fixture(scope="session")
def names(content: Content) -> list[str]:
    """Give each record as "layer/id"."""
    return [f"{layer}/{feature['id']}" for layer, features in content.items() for feature in features]


@pytest.fixture(scope="session")
def seen() -> dict[str, NDArray[np.float64]]:
    """Give what each picture shows, in grey and small; nothing of a file that is no WebP of our size."""
    found = {}
    for path in sorted(PICTURES.glob("*/*.webp")):
        with suppress(UnidentifiedImageError), Image.open(path, formats=["WEBP"]) as image:
            if image.size == SIZE:
                small = image.convert("L").resize((64, 40), Image.Resampling.BOX)
                found[_name(path)] = np.asarray(small, np.float64)
    return found


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def test_every_record_has_a_picture(names: list[str], seen: dict[str, NDArray[np.float64]]) -> None:
    """What is missing is taken by  smap pictures --workspace DIR --out content/pictures ."""
    assert [name for name in names if name not in seen] == []


def test_every_picture_has_a_record(names: list[str]) -> None:
    assert [p for p in PICTURES.glob("*/*") if _name(p) not in names or p.suffix != ".webp"] == []


def test_no_picture_is_heavier_than_20_kb() -> None:
    heavy = {_name(p): n for p in PICTURES.glob("*/*") if (n := p.stat().st_size) > MOST_BYTES}
    assert heavy == {}


def test_no_picture_is_blank(seen: dict[str, NDArray[np.float64]]) -> None:
    blank = {name: spread for name, grey in seen.items() if (spread := grey.std()) < LEAST_SPREAD}
    assert blank == {}


def test_no_two_pictures_are_alike(seen: dict[str, NDArray[np.float64]]) -> None:
    names, greys = list(seen), np.stack(list(seen.values()))
    alike = []
    for k, name in enumerate(names):
        apart = np.abs(greys[k + 1 :] - greys[k]).mean(axis=(1, 2))
        alike += [(name, names[k + 1 + other]) for other in np.flatnonzero(apart < LEAST_APART)]
    assert alike == []
