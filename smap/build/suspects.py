"""Suspects: values that can be read and yet cannot all be right; they are counted and left as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["floors_against_height", "garbled", "suspects"]

# A living room is at least 2.1 m high (Enforcement Rules of the Building Act, article 16), so no storey is
# lower on average; several storeys of more than 12 m each are a height in another unit, or one of a mast
_LOWEST_STOREY_M, _HIGHEST_STOREY_M = 2.1, 12.0
_TALLEST_M = 600.0
# What is left of Korean that was read in a wrong encoding: the replacement character, its bytes read as CP949
# (占쏙옙), and UTF-8 read as Latin-1 (ê²½ë³µ: 0xea to 0xed, then two bytes of 0x80 to 0xbf)
_GARBLED = "\ufffd|占쏙옙|[\u00ea-\u00ed][\u0080-\u00bf][\u0080-\u00bf]"


def suspects(
    height: NDArray[np.float64], floors: NDArray[np.float64], texts: Mapping[str, NDArray[Any]]
) -> dict[str, Any]:
    """Figures of n buildings: how many are suspect and why. texts: columns, those of texts are looked at.

    No examples: what a mask hides later may be among them.
    """
    wrong = {field: int(garbled(c).sum()) for field, c in texts.items() if c.dtype.kind == "O"}
    return {
        "floors_against_height": int(floors_against_height(height, floors).sum()),
        "texts_garbled": {field: n for field, n in wrong.items() if n},
    }


def floors_against_height(height: NDArray[np.float64], floors: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which buildings have a height that their floors cannot have: bool (n,); unknown contradicts none."""
    known = (height > 0.0) & (height <= _TALLEST_M) & (floors >= 1.0)
    storey = np.where(known, height, np.nan) / np.where(known, floors, np.nan)
    return np.asarray((storey < _LOWEST_STOREY_M) | ((storey > _HIGHEST_STOREY_M) & (floors > 1.0)))


def garbled(column: NDArray[Any]) -> NDArray[np.bool_]:
    """Which texts are what is left of Korean in a wrong encoding: bool (n,)."""
    found = pc.match_substring_regex(pa.array(column, pa.string()), _GARBLED)
    return np.asarray(pc.fill_null(found, fill_value=False).to_numpy(zero_copy_only=False), bool)
