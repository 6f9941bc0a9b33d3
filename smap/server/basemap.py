"""Base maps: XYZ addresses, /basemap/{name}/{version}/{z}/{x}/{y} by day and …/night/{z}/{x}/{y} by night."""

from __future__ import annotations

import re

__all__ = ["basemap_key"]

_TILE = re.compile(r"(?:(day|night)/)?(\d{1,2}/\d{1,8}/\d{1,8})(?:\.webp)?", re.ASCII)


def basemap_key(path: str) -> str:
    """Where the archive keeps what an address asks for: without a look the day, with or without .webp."""
    found = _TILE.fullmatch(path)
    return f"{found[1] or 'day'}/{found[2]}.webp" if found else path
