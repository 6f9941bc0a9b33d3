"""Layers that the operator declares: WORKSPACE/layers/NAME.toml, read when a command or the server starts."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn, get_args

from smap.content.geometry import GEOMETRIES
from smap.content.model import ALWAYS, FIELDS, LAYERS, Field, Fields, Kind, LayerModel, Layers, Words
from smap.errors import InputError, RecipeError

__all__ = ["read_layers"]

_LANGUAGES = ("ko", "en", "ja", "zh")
_KEYS = ("title", "geometry", "categories", "style", "field")
_FIELD_KEYS = ("name", "type", "label", "required", "limit", "choices", "unit", "least")
_TYPES = (*(kind for kind in get_args(Kind) if kind not in ("path", "outline", "items")), "readings")
_SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
LONGEST_TEXT = 5000
LONGEST_FILE = 100_000
"""Bytes; the two that we ship have less than 2,000."""
ANY_NUMBER = -1e7
"""As small as a number of a record may be: degrees below zero and the like are measured too."""

_BASE = (
    *("name_ko", "name_en", "name_ja", "name_zh", "text_ko", "text_en", "category"),
    *("source", "source_url", "source_date", "licence", "valid_from", "valid_to"),
    *("position_source", "position_date", "position_accuracy_m", "position_means", "position_approximate"),
)
"""What a record of any layer may say; the rest of our own fields is for things that have a history."""
_TAKEN = frozenset({"id", "layer", "lon", "lat", "geometry", "revision", "status", "fid"})
"""Names that exports, the API and GeoPackage use for something else."""
_READING: Fields = {
    "time": Field("moment", required=True),
    "value": Field("number", required=True, least=ANY_NUMBER, unit=""),
    "unit": Field("line", limit=20),
}


def read_layers(workspace: Path) -> Layers:
    """Give our own layers and after them, by name, those that the workspace declares.

    Errors: RecipeError for what a declaration must not say; InputError where it cannot be read.
    """
    files = sorted((workspace / "layers").glob("*.toml"))
    declared = {path.stem: _Declaration(path).layer() for path in files}
    return MappingProxyType({**LAYERS, **declared})


class _Declaration:
    """One file, and where in it a refusal stands."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.given = self._read()

    def layer(self) -> LayerModel:
        """The layer that the file declares."""
        if not _SLUG.fullmatch(self.path.stem):
            self._refuse(
                "the file's name is the layer's: give a-z, 0-9 and single hyphens, as in 'wifi.toml'"
            )
        if self.path.stem in LAYERS:
            self._refuse(f"the layer {self.path.stem} is one of our own: give the file another name")
        self._check_keys(self.given, _KEYS, "")
        title = self._words(self.given.get("title"), "title")
        categories = tuple(self._texts("categories", self.given.get("categories", []), _NAME))
        own = dict(self._field(entry, number) for number, entry in enumerate(self._fields(), 1))
        base = {name: replace(FIELDS[name], required=name in ALWAYS) for name in _BASE}
        if not categories:
            del base["category"]
        return LayerModel(
            self.path.stem,
            title,
            {**base, **own},
            categories,
            geometry=self._geometry(),
            style=self._style(),
        )

    def _read(self) -> dict[str, Any]:
        try:
            body = self.path.read_bytes()
            if len(body) > LONGEST_FILE:
                self._refuse(f"has {len(body)} bytes: {LONGEST_FILE} is the most")
            return tomllib.loads(body.decode("utf-8"))
        except OSError as error:
            raise InputError(f"cannot read {self.path}: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise RecipeError(f"{self.path} is no TOML in UTF-8: {error}") from None

    def _refuse(self, line: str) -> NoReturn:
        raise RecipeError(f"{self.path}: {line}")

    def _check_keys(self, given: Mapping[str, Any], known: Sequence[str], where: str) -> None:
        unknown = next((key for key in given if key not in known), None)
        if unknown is not None:
            self._refuse(f"{where}unknown key {unknown[:60]!r}; known are {', '.join(known)}")

    def _words(self, value: object, where: str) -> Words:
        """A text in Korean and English at least."""
        shape = f"{where}: give a table of texts for ko and en, and if you can for ja and zh"
        if not isinstance(value, dict) or not {"ko", "en"} <= value.keys() <= set(_LANGUAGES):
            self._refuse(shape)
        if not all(isinstance(text, str) and 0 < len(text.strip()) <= 100 for text in value.values()):
            self._refuse(f"{shape}, at most 100 characters each")
        return {code: value[code].strip() for code in _LANGUAGES if code in value}

    def _texts(self, where: str, value: object, shape: re.Pattern[str] | None = None) -> list[str]:
        """A list of different texts."""
        texts = [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
        if not isinstance(value, list) or len(texts) < len(value) or not all(map(str.strip, texts)):
            self._refuse(f"{where}: give a list of texts")
        odd = next((text for text in texts if shape and not shape.fullmatch(text)), None)
        if odd is not None:
            self._refuse(f"{where}: {odd[:60]!r} is no word of a-z, 0-9 and _ that begins with a letter")
        if len(set(texts)) < len(texts):
            self._refuse(f"{where}: the same stands there twice")
        return texts

    def _geometry(self) -> tuple[str, ...]:
        given = self.given.get("geometry", [])
        kinds = self._texts("geometry", [given] if isinstance(given, str) else given)
        wrong = next((kind for kind in kinds if kind not in GEOMETRIES), None)
        if wrong is not None:
            self._refuse(f"geometry {wrong[:40]!r} is not one of {', '.join(GEOMETRIES)}")
        return tuple(kinds)

    def _style(self) -> Words:
        style = self.given.get("style", {})
        if not isinstance(style, dict):
            self._refuse("style: give a table with colour and letter")
        self._check_keys(style, ("colour", "letter"), "style: ")
        colour, letter = style.get("colour"), style.get("letter")
        if colour is not None and not (isinstance(colour, str) and _COLOUR.fullmatch(colour.lower())):
            self._refuse(f"style: colour {str(colour)[:40]!r} is none: give six digits, as in '#2a628f'")
        if letter is not None and not (isinstance(letter, str) and len(letter) == 1 and letter.isalnum()):
            self._refuse(f"style: letter {str(letter)[:40]!r} is none: give one letter or digit")
        return {name: str(value) for name, value in style.items()}

    def _fields(self) -> list[Any]:
        entries = self.given.get("field", [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            self._refuse("give each field as a table under [[field]]")
        names = [str(entry.get("name")) for entry in entries]
        if len(set(names)) < len(names):
            self._refuse(
                f"the field {next(n for n in names if names.count(n) > 1)[:40]!r} stands there twice"
            )
        return entries

    def _field(self, given: Mapping[str, Any], number: int) -> tuple[str, Field]:
        name = given.get("name")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            self._refuse(f"field {number}: name {str(name)[:60]!r} is no word of a-z, 0-9 and _")
        if name in FIELDS or name in _TAKEN:
            self._refuse(f"field {name}: the name is taken by what every record has: give another one")
        where = f"field {name}: "
        self._check_keys(given, _FIELD_KEYS, where)
        kind = given.get("type")
        if kind not in _TYPES:
            self._refuse(f"{where}type {str(kind)[:40]!r} is not one of {', '.join(_TYPES)}")
        return name, self._typed(given, kind, where)

    def _typed(self, given: Mapping[str, Any], kind: Any, where: str) -> Field:
        label = self._words(given.get("label"), f"{where}label")
        required = self._value(given, "required", bool, where, usual=False)
        if kind == "readings":
            return Field("items", required, fields=_READING, each="reading", most=10_000, label=label)
        limit = self._value(given, "limit", int, where, usual=LONGEST_TEXT if kind == "text" else 200)
        if not 1 <= limit <= LONGEST_TEXT:
            self._refuse(f"{where}limit {limit} is not a length from 1 to {LONGEST_TEXT}")
        choices = tuple(self._texts(f"{where}choices", given.get("choices", [])))
        if (kind in ("choice", "choices")) != bool(choices):
            self._refuse(f"{where}a choice needs its choices, and nothing else has any")
        least = given.get("least", ANY_NUMBER)
        if isinstance(least, bool) or not isinstance(least, int | float) or not least >= ANY_NUMBER:
            self._refuse(f"{where}least {str(least)[:40]!r} is no number from {ANY_NUMBER:g} on")
        unit = self._value(given, "unit", str, where, usual="")
        return Field(kind, required, limit, choices, float(least), unit, label=label)

    def _value(self, given: Mapping[str, Any], key: str, kind: type[Any], where: str, *, usual: Any) -> Any:
        value = given.get(key, usual)
        if type(value) is not kind:
            words = {bool: "true or false", int: "a whole number", str: "a text"}[kind]
            self._refuse(f"{where}{key} is {str(value)[:40]!r}: give {words}")
        return value
