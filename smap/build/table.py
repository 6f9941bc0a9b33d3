"""One table of a recipe: asks for keys by name and type, and knows afterwards which keys nobody asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal, overload

from smap.errors import RecipeError

__all__ = ["Table"]


class Table:
    """A TOML table under its name; every refusal says file, table, key, value and what would do."""

    def __init__(self, content: Mapping[str, Any], file: str, name: str, of: str = "") -> None:
        self._content = content
        self._file = file
        self._name = name
        self._of = of
        self._known: list[str] = []

    def where(self, key: str) -> str:
        """File, table and key, as refusals begin; and of which of several tables."""
        named = f"[{self._name}] {key}" if self._name else key
        return f"{self._file}: {named} of {self._of}" if self._of else f"{self._file}: {named}"

    def of(self, whom: str) -> Table:
        """The same table, whose refusals and whose inner tables' say which of several it is."""
        return Table(self._content, self._file, self._name, whom)

    def finish(self) -> None:
        """RecipeError when the table holds a key that nobody asked for."""
        for key in self._content:
            if key not in self._known:
                raise RecipeError(f"{self.where(key)}: unknown key; known: {', '.join(self._known)}")

    @overload
    def text(self, key: str) -> str | None: ...

    @overload
    def text(self, key: str, *, required: Literal[True]) -> str: ...

    def text(self, key: str, *, required: bool = False) -> str | None:
        """A text that is not blank; None when it is absent and not required."""
        value = self._get(key, required)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self._wrong(key, value, 'a text, as in "…"')
        return value

    def choice(self, key: str, known: tuple[str, ...], default: str | None = None) -> str:
        """One of the known words; without a default the key is required."""
        value = self._get(key, default is None)
        if value is None and default is not None:
            return default
        if value not in known:
            raise RecipeError(f"{self.where(key)}: {value!r} is unknown; known: {', '.join(known)}")
        return str(value)

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of texts."""
        value = self._get(key, required=False)
        if value is None:
            return default
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self._wrong(key, value, 'a list of texts, as in ["…", "…"]')
        return tuple(value)

    def text_or_texts(self, key: str) -> tuple[str, ...]:
        """One text or a list of some, none blank; required."""
        value = self._get(key, required=True)
        found = [value] if isinstance(value, str) else value
        whole = isinstance(found, list) and all(isinstance(v, str) and v.strip() for v in found)
        if not whole or not found:
            raise self._wrong(key, value, 'a text or a list of texts, as in "…" or ["…", "…"]')
        return tuple(found)

    def words(self, key: str) -> dict[str, str]:
        """A table of texts by language, {} when absent; a bare text stands for Korean and English."""
        value = self._get(key, required=False)
        if value is None:
            return {}
        if isinstance(value, str):
            return {"ko": value, "en": value}
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise self._wrong(key, value, 'texts by language, as in { ko = "…", en = "…" }')
        return dict(value)

    def number(self, key: str) -> float | None:
        """A number; None when absent."""
        value = self._get(key, required=False)
        if value is None:
            return None
        if not _is_number(value):
            raise self._wrong(key, value, "a number")
        return float(value)

    def number_within(self, key: str, low: float, high: float) -> float | None:
        """A number from low to high; None when absent."""
        value = self.number(key)
        if value is not None and not low <= value <= high:
            raise self._wrong(key, value, f"a number from {low:g} to {high:g}")
        return value

    def word_or_number(self, key: str, word: str) -> float | None:
        """A number; None when absent or when the one word stands there that means "not by number"."""
        value = self._get(key, required=False)
        if value is None or value == word:
            return None
        if not _is_number(value):
            raise self._wrong(key, value, f'"{word}" or a number')
        return float(value)

    def facts(self) -> dict[str, str | int | float | bool]:
        """All keys, whatever they are called: each a text that is not blank, a number, or true or false."""
        self._known.extend(self._content)
        for key, value in self._content.items():
            is_text = isinstance(value, str) and value.strip() != ""
            if not (is_text or isinstance(value, bool) or _is_number(value)):
                raise self._wrong(key, value, "a text, a number, true or false")
        return dict(self._content)

    def positive(self, key: str, default: float) -> float:
        """A finite number above 0."""
        value = self.number(key)
        if value is None:
            return default
        if not (0 < value < math.inf):
            raise self._wrong(key, value, "a number above 0")
        return value

    def whole_number(self, key: str, default: int) -> int:
        """A whole number."""
        value = self._get(key, required=False)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._wrong(key, value, "a whole number")
        return value

    def numbers(self, key: str, count: int) -> tuple[float, ...] | None:
        """A list of so many numbers; None when absent."""
        value = self._get(key, required=False)
        if value is None:
            return None
        if not isinstance(value, list) or len(value) != count or not all(_is_number(v) for v in value):
            raise self._wrong(key, value, f"a list of {count} numbers")
        return tuple(float(v) for v in value)

    def table(self, key: str, *, required: bool = False) -> Table:
        """The table under this key, an empty one when absent and not required."""
        value = self._get(key, required)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise self._wrong(key, value, f"a table, as in [{self._under(key)}]")
        return Table(value, self._file, self._under(key), self._of)

    def tables(self, key: str, *, required: bool = False) -> list[Table]:
        """The tables of a list of tables."""
        value = self._get(key, required)
        if value is None:
            return []
        if not isinstance(value, list) or not value or not all(isinstance(v, dict) for v in value):
            raise self._wrong(key, value, f"a list of tables, as in [[{self._under(key)}]]")
        return [Table(v, self._file, self._under(key), self._of) for v in value]

    def _get(self, key: str, required: bool) -> Any:
        self._known.append(key)
        value = self._content.get(key)
        if value is None and required:
            raise RecipeError(f"{self.where(key)}: missing, and nothing can be built without it")
        return value

    def _under(self, key: str) -> str:
        return f"{self._name}.{key}" if self._name else key

    def _wrong(self, key: str, value: Any, wanted: str) -> RecipeError:
        return RecipeError(f"{self.where(key)}: {_short(value)} is not {wanted}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
