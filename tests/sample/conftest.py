"""The sample city, made once for all tests of this folder, and as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from smap.sample.write import City, make_city, write_city
from tests.conftest import ROOT

FACTS = ROOT / "tiles" / "sample"
CONTENT = ROOT / "content"


@pytest.fixture(scope="session")
def city() -> City:
    """What the generator makes, before it is written."""
    return make_city(FACTS, CONTENT)


@pytest.fixture(scope="session")
def written(city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of sources and recipes that `smap demo` makes."""
    out = tmp_path_factory.mktemp("sample")
    write_city(city, FACTS, out)
    return out
