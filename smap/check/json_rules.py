"""Rules that JSON values keep or break: type, range, length, list of words. A breach is a coded issue."""

from __future__ import annotations

import json
import math
from collections.abc import Collection
from typing import Any

from smap.check.findings import Findings

__all__ = ["JsonRules", "read_json"]

_MISSING = object()


def read_json(data: bytes, findings: Findings) -> dict[str, Any] | None:
    """The object in the bytes, or None and an issue."""
    if data.startswith(b"\xef\xbb\xbf"):
        findings.error("JSON_INVALID", "", "it begins with a byte order mark, which RFC 8259 forbids")
        return None
    try:
        value = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        findings.error("JSON_INVALID", "", f"it is no JSON: {error}")
        return None
    if not isinstance(value, dict):
        findings.error("TYPE_MISMATCH", "", "it is no JSON object")
        return None
    return value


class JsonRules:
    """Looks at members of one JSON object after another; a look gives the value, or None after an issue."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings

    def number(
        self,
        holder: dict[str, Any],
        key: str,
        place: str,
        *,
        low: float = -math.inf,
        high: float = math.inf,
        required: bool = False,
        whole: bool = False,
    ) -> float | None:
        """A finite number between low and high, both allowed."""
        value = self._member(holder, key, place, required)
        if value is _MISSING:
            return None
        if not _is_number(value) or (whole and value != int(value)):
            self._mismatch(place, key, "a whole number" if whole else "a number", value)
            return None
        if not low <= value <= high:
            self.findings.error("VALUE_NOT_IN_RANGE", f"{place}/{key}", f"{value} is not in {low} … {high}")
            return None
        return float(value)

    def text(
        self,
        holder: dict[str, Any],
        key: str,
        place: str,
        *,
        required: bool = False,
        words: Collection[str] = (),
    ) -> str | None:
        """A text that is not empty, one of `words` if there are any."""
        value = self._member(holder, key, place, required)
        if value is _MISSING:
            return None
        if not isinstance(value, str):
            self._mismatch(place, key, "a text", value)
            return None
        if not value or (words and value not in words):
            wanted = f"one of {', '.join(sorted(words))}" if words else "a text that is not empty"
            self.findings.error("VALUE_NOT_IN_LIST", f"{place}/{key}", f"'{value}' is not {wanted}")
            return None
        return value

    def object(
        self, holder: dict[str, Any], key: str, place: str, *, required: bool = False
    ) -> dict[str, Any] | None:
        """An object."""
        value = self._member(holder, key, place, required)
        if value is _MISSING:
            return None
        if not isinstance(value, dict):
            self._mismatch(place, key, "an object", value)
            return None
        return value

    def array(
        self, holder: dict[str, Any], key: str, place: str, *, required: bool = False, shortest: int = 1
    ) -> list[Any] | None:
        """An array of at least `shortest` elements."""
        value = self._member(holder, key, place, required)
        if value is _MISSING:
            return None
        if not isinstance(value, list):
            self._mismatch(place, key, "an array", value)
            return None
        if len(value) < shortest:
            self.findings.error("ARRAY_LENGTH_MISMATCH", f"{place}/{key}", f"fewer than {shortest} elements")
            return None
        return value

    def numbers(self, holder: dict[str, Any], key: str, place: str, length: int) -> list[float] | None:
        """An array of exactly `length` finite numbers."""
        values = self.array(holder, key, place, shortest=0)
        if values is None:
            return None
        if len(values) != length:
            self.findings.error(
                "ARRAY_LENGTH_MISMATCH", f"{place}/{key}", f"{len(values)} elements, not {length}"
            )
            return None
        if not all(_is_number(value) for value in values):
            self.findings.error("ARRAY_ELEMENT_TYPE_MISMATCH", f"{place}/{key}", "an element is no number")
            return None
        return [float(value) for value in values]

    def unique_texts(self, holder: dict[str, Any], key: str, place: str) -> list[str]:
        """An array of different texts, one at least where it is there."""
        values = self.array(holder, key, place) or []
        if not all(isinstance(value, str) for value in values):
            self.findings.error("ARRAY_ELEMENT_TYPE_MISMATCH", f"{place}/{key}", "an element is no text")
            return []
        if len(set(values)) != len(values):
            self.findings.error("ARRAY_ELEMENT_NOT_UNIQUE", f"{place}/{key}", "an element comes twice")
        return values

    def _member(self, holder: dict[str, Any], key: str, place: str, required: bool) -> Any:
        if key in holder:
            return holder[key]
        if required:
            self.findings.error("PROPERTY_MISSING", place or "/", f"'{key}' is missing")
        return _MISSING

    def _mismatch(self, place: str, key: str, wanted: str, value: Any) -> None:
        self.findings.error("TYPE_MISMATCH", f"{place}/{key}", f"{json.dumps(value)[:60]} is not {wanted}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _refuse(word: str) -> float:
    raise ValueError(f"{word} is no JSON number")
