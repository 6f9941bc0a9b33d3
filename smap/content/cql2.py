"""Reading CQL2 (OGC 21-065r2) as text or JSON: both give the same plain tree, the JSON form of the standard.

The parser is lark's, LALR(1): no recursion and no way back, so a text costs time by its length alone. Of the
libraries made for CQL2, cql2 0.6.0 needs 2ⁿ steps for n open parentheses (18 of them 0.4 s, at 600 it crashes
the process) and pygeofilter 0.4.0 gives AND and OR the same rank.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput, UnexpectedToken

from smap.content.filtering import LONGEST
from smap.errors import UsageError

__all__ = ["parse_json", "parse_text"]

_GRAMMAR = r"""
?start: either
?either: both | both (_OR both)+                        -> either
?both: negated | negated (_AND negated)+                -> both
?negated: predicate | _NOT negated                      -> denied
?predicate: operand | "(" either ")"
    | operand COMPARISON operand                        -> compared
    | operand _LIKE operand                             -> like
    | operand _NOT _LIKE operand                        -> not_like
    | operand _BETWEEN operand _AND operand             -> between
    | operand _NOT _BETWEEN operand _AND operand        -> not_between
    | operand _IN several                                -> within
    | operand _NOT _IN several                           -> not_within
    | operand _IS _NULL                                 -> null
    | operand _IS _NOT _NULL                            -> not_null
position: NUMBER NUMBER NUMBER?
places: "(" position ("," position)* ")"
parts: "(" places ("," places)* ")"
several: "(" operand ("," operand)* ")"
?operand: TEXT                                          -> text
    | NUMBER                                            -> number
    | TRUE                                              -> true
    | FALSE                                             -> false
    | (NAME | QUOTED)                                   -> field
    | _POINT "(" position ")"                           -> point
    | _MULTIPOINT (places | parts)                      -> multi_point
    | _LINESTRING places                                -> line_string
    | _MULTILINESTRING parts                            -> multi_line_string
    | _POLYGON parts                                    -> polygon
    | _MULTIPOLYGON "(" parts ("," parts)* ")"          -> multi_polygon
    | NAME "(" operand ("," operand)* ")"               -> call

COMPARISON: "<>" | "<=" | ">=" | "=" | "<" | ">"
TEXT: /'(?:[^']|'')*'/
NUMBER: /[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/
QUOTED: /"(?:[^"]|"")+"/
NAME: /[^\W\d]\w*/
_AND.2: /AND(?!\w)/i
_OR.2: /OR(?!\w)/i
_NOT.2: /NOT(?!\w)/i
_LIKE.2: /LIKE(?!\w)/i
_BETWEEN.2: /BETWEEN(?!\w)/i
_IN.2: /IN(?!\w)/i
_IS.2: /IS(?!\w)/i
_NULL.2: /NULL(?!\w)/i
_POINT.2: /POINT(?!\w)/i
_MULTIPOINT.2: /MULTIPOINT(?!\w)/i
_LINESTRING.2: /LINESTRING(?!\w)/i
_MULTILINESTRING.2: /MULTILINESTRING(?!\w)/i
_POLYGON.2: /POLYGON(?!\w)/i
_MULTIPOLYGON.2: /MULTIPOLYGON(?!\w)/i
TRUE.2: /TRUE(?!\w)/i
FALSE.2: /FALSE(?!\w)/i
%ignore /\s+/
"""


def parse_text(text: str) -> Any:
    """The tree of a CQL2 text. UsageError tells at which character it stops to be one.

    Geometries: BBOX, POINT, LINESTRING, POLYGON, MULTI… of them; arithmetic and arrays are not read.
    """
    _check_length(text)
    try:
        return _parser().parse(text)
    except UnexpectedInput as error:
        ended = isinstance(error, UnexpectedToken) and error.token.type == "$END"
        at = len(text) if ended else int(getattr(error, "pos_in_stream", 0))
        rest = f"{text[at : at + 30]!r}" if at < len(text) else "the end"
        raise UsageError(
            f"filter: not CQL2 text from character {at + 1} on, at {rest}; geometries are BBOX, POINT, "
            "LINESTRING, POLYGON and MULTI… of them"
        ) from None


def parse_json(text: str) -> Any:
    """The tree of CQL2 JSON. UsageError where it is no JSON."""
    _check_length(text)
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        told = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)[:100]
        raise UsageError(f"filter: not CQL2 JSON: {told}") from None


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON")


def _check_length(text: str) -> None:
    if len(text) > LONGEST:
        raise UsageError(f"filter: {len(text)} characters; {LONGEST} is the most")


class _Tree(Transformer[Token, Any]):
    """What becomes of each rule, while it is read."""

    def either(self, parts: list[Any]) -> Any:
        return {"op": "or", "args": parts}

    def both(self, parts: list[Any]) -> Any:
        return {"op": "and", "args": parts}

    def denied(self, parts: list[Any]) -> Any:
        return {"op": "not", "args": parts}

    def compared(self, parts: list[Any]) -> Any:
        left, operator, right = parts
        return {"op": str(operator), "args": [left, right]}

    def like(self, parts: list[Any]) -> Any:
        return {"op": "like", "args": parts}

    def not_like(self, parts: list[Any]) -> Any:
        return self.denied([self.like(parts)])

    def between(self, parts: list[Any]) -> Any:
        return {"op": "between", "args": parts}

    def not_between(self, parts: list[Any]) -> Any:
        return self.denied([self.between(parts)])

    def within(self, parts: list[Any]) -> Any:
        return {"op": "in", "args": parts}

    def not_within(self, parts: list[Any]) -> Any:
        return self.denied([self.within(parts)])

    def null(self, parts: list[Any]) -> Any:
        return {"op": "isNull", "args": parts}

    def not_null(self, parts: list[Any]) -> Any:
        return self.denied([self.null(parts)])

    def several(self, parts: list[Any]) -> Any:
        return parts

    def text(self, parts: list[Any]) -> str:
        return str(parts[0])[1:-1].replace("''", "'")

    def number(self, parts: list[Any]) -> float:
        word = str(parts[0])
        return int(word) if re.fullmatch(r"[+-]?[0-9]{1,15}", word) else float(word)

    def true(self, _parts: list[Any]) -> bool:
        return True

    def false(self, _parts: list[Any]) -> bool:
        return False

    def field(self, parts: list[Any]) -> Any:
        word = str(parts[0])
        return {"property": word[1:-1].replace('""', '"') if word.startswith('"') else word}

    def position(self, parts: list[Any]) -> list[float]:
        return [float(part) for part in parts[:2]]

    def places(self, parts: list[Any]) -> Any:
        return parts

    def parts(self, parts: list[Any]) -> Any:
        return parts

    def point(self, parts: list[Any]) -> Any:
        return {"type": "Point", "coordinates": parts[0]}

    def multi_point(self, parts: list[Any]) -> Any:
        # ((1 2), (3 4)) by the standard, (1 2, 3 4) by many programs
        flat = [place[0] if isinstance(place[0], list) else place for place in parts[0]]
        return {"type": "MultiPoint", "coordinates": flat}

    def line_string(self, parts: list[Any]) -> Any:
        return {"type": "LineString", "coordinates": parts[0]}

    def multi_line_string(self, parts: list[Any]) -> Any:
        return {"type": "MultiLineString", "coordinates": parts[0]}

    def polygon(self, parts: list[Any]) -> Any:
        return {"type": "Polygon", "coordinates": parts[0]}

    def multi_polygon(self, parts: list[Any]) -> Any:
        return {"type": "MultiPolygon", "coordinates": parts}

    def call(self, parts: list[Any]) -> Any:
        name, *arguments = parts
        word = str(name).lower()
        if word in ("date", "timestamp") and len(arguments) == 1:
            return {word: arguments[0]}
        if word in ("bbox", "interval"):
            return {word: arguments}
        return {"op": word, "args": arguments}


@lru_cache(maxsize=1)
def _parser() -> Lark:
    """Made when the first filter comes: 20 ms."""
    return Lark(_GRAMMAR, parser="lalr", transformer=_Tree())
