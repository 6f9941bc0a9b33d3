"""What every room's tests share: where the real Seoul data lies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# a slow or busy machine is no fault of the code; a run in CI, or a long one, is the same each time
FIXED = bool(os.environ.get("CI") or os.environ.get("SMAP_LONG"))
settings.register_profile("house", deadline=None, derandomize=FIXED)
settings.load_profile("house")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def seoul_data() -> Path:
    """The folder of real data; the test skips by name when it is absent."""
    folder = Path(os.environ.get("SMAP_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the real Seoul data is absent: set SMAP_DATA to its folder")
    return folder
