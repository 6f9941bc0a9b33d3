"""Readings over time, as a sensor's record holds them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

__all__ = ["last_reading"]


def last_reading(readings: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Give the reading with the latest `time` (RFC 3339) of one or more, in whatever order they stand."""
    return max(readings, key=lambda reading: datetime.fromisoformat(str(reading["time"])))
