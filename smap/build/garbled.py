"""Garbled texts: what is left of Korean that somebody read in a wrong encoding before we got it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["count_garbled", "garbled"]

# The replacement character, its bytes read as CP949 (占쏙옙), and UTF-8 read as Latin-1 (ê²½ë³µ: 0xea to
# 0xed, then two bytes of 0x80 to 0xbf)
_GARBLED = "\ufffd|占쏙옙|[\u00ea-\u00ed][\u0080-\u00bf][\u0080-\u00bf]"


def count_garbled(columns: Mapping[str, NDArray[Any]]) -> dict[str, int]:
    """How many texts of each column are garbled; columns without any, and of numbers, are left out.

    No examples: what a mask hides later may be among them.
    """
    found = {field: int(garbled(c).sum()) for field, c in columns.items() if c.dtype.kind == "O"}
    return {field: n for field, n in found.items() if n}


def garbled(column: NDArray[Any]) -> NDArray[np.bool_]:
    """Which texts are what is left of Korean in a wrong encoding: bool (n,)."""
    found = pc.match_substring_regex(pa.array(column, pa.string()), _GARBLED)
    return np.asarray(pc.fill_null(found, fill_value=False).to_numpy(zero_copy_only=False), bool)
