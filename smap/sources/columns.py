"""Attributes: Arrow columns of a source as numpy columns, in the kinds that our properties need."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["METRES", "STOREYS", "TEXTS", "YEARS", "kind_of", "numbers", "texts", "values", "years"]

# Our properties that are numbers, years or texts, whatever the source writes them as; others stay as they are
METRES = frozenset({"height", "roof_height", "min_height"})
STOREYS = frozenset({"floors", "floors_below", "roof_levels", "min_level"})
YEARS = frozenset({"year_built"})
TEXTS = frozenset(
    {
        *("id", "name", "name_en", "pnu", "dong", "use", "structure", "address", "lot"),
        *("roof_shape", "roof_direction", "roof_orientation", "part", "part_of"),
    }
)

_DIGITS = r"^(?P<n>[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)"
# Units that may stand behind a number, by kind: 12층 is no height and 12 m is no count of storeys
_PATTERNS = {
    "metres": rf"{_DIGITS} ?(?:m|M|미터)?$",
    "storeys": rf"{_DIGITS} ?(?:층|F|f)?$",
    "number": rf"{_DIGITS}$",
}
# Of so many texts it is asked whether most of them come again
_MANY = 1000
# Above this a float64 is no count any more
_EXACT = 2.0**53
# 12,500 is written for 12500, but 12,5 for 12.5
_GROUPED = r",([0-9]{3})\b"
_DECIMAL_COMMA = r"^([-+]?[0-9]+),([0-9]{1,2})\b"
_YEAR = r"^(?P<y>1[0-9]{3}|20[0-9]{2})(?:$|[^0-9]|[0-9]{4}$|[0-9]{2}$)"


def kind_of(ours: str, arrow_kinds: set[str]) -> str:
    """ "metres", "storeys", "number", "year" or "text" for a property whose source columns (one a file) have
    these kinds.
    """
    if ours in METRES:
        return "metres"
    if ours in STOREYS:
        return "storeys"
    if ours in YEARS:
        return "year"
    return "number" if ours not in TEXTS and arrow_kinds <= {"number"} else "text"


def values(column: pa.Array, kind: str) -> tuple[NDArray[np.generic], int]:
    """The column as one of the kinds of `kind_of`, and how many values there could not be read so."""
    if kind == "text":
        return texts(column), 0
    return years(column) if kind == "year" else numbers(column, kind)


def _plain(column: pa.Array) -> pa.Array:
    """Without the name of a type: JSON, as GDAL calls a column of mixed types, is text."""
    return column.storage if isinstance(column, pa.ExtensionArray) else column


def texts(column: pa.Array) -> NDArray[np.object_]:
    """Strings without spaces at their ends, None where nothing stands; whole numbers without a point."""
    column = _plain(column)
    if pa.types.is_nested(column.type):
        column = pa.array(
            [None if v is None else json.dumps(v, ensure_ascii=False) for v in column.to_pylist()]
        )
    if pa.types.is_floating(column.type):
        countable = pc.less(pc.abs(column), _EXACT)
        whole = pc.all(pc.and_(countable, pc.equal(column, pc.floor(column))), min_count=0).as_py()
        column = pc.cast(column, pa.int64()) if whole else column
    plain = pc.utf8_trim_whitespace(pc.cast(column, pa.string()))
    plain = pc.if_else(pc.equal(plain, ""), None, plain)
    return _few(plain) if len(plain) > _MANY else _objects(plain)


def _few(column: pa.Array) -> NDArray[np.object_]:
    """As objects; where texts come again and again, one object for each of them."""
    if pc.count_distinct(column.slice(0, _MANY)).as_py() * 4 > _MANY:
        return _objects(column)
    coded = column.dictionary_encode()
    words = np.empty(len(coded.dictionary) + 1, object)  # the last is for what is not known
    words[:-1] = _objects(coded.dictionary)
    places = pc.fill_null(coded.indices, len(words) - 1).to_numpy(zero_copy_only=False)
    return np.asarray(words[places], object)


def _objects(column: pa.Array) -> NDArray[np.object_]:
    return np.asarray(column.to_numpy(zero_copy_only=False), object)


def numbers(column: pa.Array, kind: str = "number") -> tuple[NDArray[np.generic], int]:
    """int64 for an integer column without gaps, else float64 with NaN; texts are read as numbers.

    Of texts those that are no number, or have a unit that is none of the kind, are counted.
    """
    column = _plain(column)
    if pa.types.is_nested(column.type) or pa.types.is_boolean(column.type):
        return np.full(len(column), np.nan), len(column) - column.null_count
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        whole = pa.types.is_integer(column.type) and column.null_count == 0
        wanted = pa.int64() if whole else pa.float64()
        return np.asarray(pc.cast(column, wanted).to_numpy(zero_copy_only=False)), 0
    plain = pc.replace_substring_regex(pc.utf8_trim_whitespace(column), _GROUPED, r"\1")
    plain = pc.replace_substring_regex(plain, _DECIMAL_COMMA, r"\1.\2")
    found = pc.struct_field(pc.extract_regex(plain, _PATTERNS[kind]), "n")
    stood = pc.sum(pc.not_equal(plain, "")).as_py() or 0
    result = np.asarray(pc.cast(found, pa.float64()).to_numpy(zero_copy_only=False), np.float64)
    return result, int(stood - np.isfinite(result).sum())


def years(column: pa.Array) -> tuple[NDArray[np.generic], int]:
    """The year (1000 to 2099) that a date begins with (1998, 19980512, 1998-05-12): float64 with NaN."""
    plain = pa.array(texts(column), pa.string())
    found = pc.struct_field(pc.extract_regex(plain, _YEAR), "y")
    result = np.asarray(pc.cast(found, pa.float64()).to_numpy(zero_copy_only=False), np.float64)
    return result, int(len(plain) - plain.null_count - np.isfinite(result).sum())
