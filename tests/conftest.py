"""What every room's tests share: where the real Seoul data lies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# a slow or busy machine is no fault of the code, and a run in CI is the same each time
settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("house")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def seoul_data() -> Path:
    """The folder of real data; the test skips by name when it is absent."""
    folder = Path(os.environ.get("SMAP_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the real Seoul data is absent: set SMAP_DATA to its folder")
    return folder
