"""How many rounds a long test goes."""

from __future__ import annotations

import os

__all__ = ["rounds"]


def rounds(full: int) -> int:
    """The full count with SMAP_LONG=1 (`make long`), else a twentieth of it."""
    return full if os.environ.get("SMAP_LONG") == "1" else max(1, full // 20)
