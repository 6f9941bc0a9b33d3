"""An empty content database for a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.content.samples import content


@pytest.fixture
def engine() -> Iterator[Engine]:
    with content() as opened:
        yield opened
