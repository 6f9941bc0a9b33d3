"""Columns that every property table of buildings has, whatever its sources."""

from __future__ import annotations

__all__ = ["PUBLISHED"]

PUBLISHED = ("smap_id", "id", "name", "height", "floors", "height_source", "ground_source")
"""In the order of the property table."""
