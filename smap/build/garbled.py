"""Garbled texts: what is left of Korean that somebody read in a wrong encoding before we got it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["count_garbled", "garbled"]

# The replacement character, its bytes read as CP949 (占쏙옙), UTF-8 read as Latin-1 (ê²½ë³µ: 0xea to 0xed,
# then two bytes of 0x80 to 0xbf), and two syllables of CP949 read as Latin-1 (¼¼Á¾: KS X 1001 has them
# from 0xb0a1 to 0xc8fe)
_GARBLED = (
    "\ufffd|占쏙옙|[\u00ea-\u00ed][\u0080-\u00bf][\u0080-\u00bf]|"
    "[\u00b0-\u00c8][\u00a1-\u00fe][\u00b0-\u00c8][\u00a1-\u00fe]"
)
_IDEOGRAPHS = "[\u4e00-\u9fff\uf900-\ufaff]"


def count_garbled(columns: Mapping[str, NDArray[Any]]) -> dict[str, int]:
    """How many texts of each column are garbled; columns without any, and of numbers, are left out.

    No examples: what a mask hides later may be among them.
    """
    found = {field: int(garbled(c).sum()) for field, c in columns.items() if c.dtype.kind == "O"}
    return {field: n for field, n in found.items() if n}


def garbled(column: NDArray[Any]) -> NDArray[np.bool_]:
    """Which texts are what is left of Korean in a wrong encoding: bool (n,)."""
    texts = pa.array(column, pa.string())
    found = _matching(texts, _GARBLED)
    for row in np.flatnonzero(_matching(texts, _IDEOGRAPHS) & ~found).tolist():
        found[row] = _is_utf8_read_as_cp949(texts[row].as_py())
    return found


def _matching(texts: pa.Array, pattern: str) -> NDArray[np.bool_]:
    found = pc.fill_null(pc.match_substring_regex(texts, pattern), fill_value=False)
    return np.array(found.to_numpy(zero_copy_only=False), bool)


def _is_utf8_read_as_cp949(text: str) -> bool:
    """Whether most of its bytes are Korean in UTF-8 (寃쎈났沅)."""
    true = text.encode("cp949", "ignore").decode("utf-8", "replace")
    syllables = sum("가" <= letter <= "힣" for letter in true)
    return syllables > true.count("\ufffd")
