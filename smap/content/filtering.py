"""CQL2 trees as conditions of a query (OGC 21-065r2, OGC 19-079r2): only known fields, only bound values.

A field that a record lacks is NULL, and SQL's three-valued logic is that of CQL2: what compares with NULL, or
denies such a comparison, does not hold.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, func, literal, not_, null, or_, true

from smap.content.instants import Span, span_of
from smap.content.model import Kind, LayerModel
from smap.content.queryables import queryable_names
from smap.content.repository import in_box, in_shape
from smap.content.shapes import SHAPES, shape_of
from smap.content.systems import CRS84, System, box_of, system_of
from smap.content.tables import revisions, shown
from smap.errors import UsageError

__all__ = ["LONGEST", "condition", "during", "equals", "ordering"]

LONGEST = 2000
"""Characters of a filter."""
MOST_NODES, DEEPEST = 100, 24
"""Of a filter's tree; the members of a list are not counted."""
MOST_MEMBERS = 100
"""Of a list after IN."""
MOST_WILDCARDS = 10
"""Of a pattern."""
MOST_KEYS = 8
"""To sort by."""

Sort = Literal["text", "number", "truth", "instant", "geometry"]
_SORTS: dict[Kind, Sort] = {
    "number": "number",
    "count": "number",
    "truth": "truth",
    "date": "instant",
    "when": "instant",
    "moment": "instant",
}
_CALLED = {
    "text": "a text",
    "number": "a number",
    "truth": "true or false",
    "instant": "a date",
    "geometry": "a geometry",
}
_COMPARISONS: dict[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


@dataclass(frozen=True)
class _Operand:
    """Something to compare. Of an instant `sql` and `last` are its first and last microsecond.

    `told`: how it is named in a refusal; `value`: of what stands in the filter itself, else None.
    """

    sort: Sort
    sql: ColumnElement[Any]
    told: str
    value: object = None
    last: ColumnElement[Any] | None = None


@dataclass
class _Reading:
    """One filter: the layer it is about, the system of its coordinates, and how much of it was read."""

    model: LayerModel
    system: System
    nodes: int = field(default=0)

    def count(self, depth: int) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES or depth > DEEPEST:
            raise UsageError(f"filter: too large; {MOST_NODES} parts and {DEEPEST} levels are the most")


def condition(tree: object, model: LayerModel, system: System | None = None) -> ColumnElement[bool]:
    """The condition of a CQL2 tree over `shown` and `revisions`; `system`: of its coordinates.

    UsageError names the field, the value and what is expected.
    """
    return _truth(tree, _Reading(model, system or system_of(CRS84)), 1)


def equals(model: LayerModel, name: str, text: str) -> ColumnElement[bool]:
    """A field has the value that a parameter of its name gives as text."""
    found = _field(model, name)
    value: object = text
    if found.sort == "number":
        value = _number_in(name, text)
    elif found.sort == "truth" and text in ("true", "false"):
        value = text == "true"
    return _compare("=", found, _meant(_literal(value), found))


def ordering(model: LayerModel, keys: Sequence[tuple[str, bool]]) -> list[ColumnElement[Any]]:
    """What to order by, for field names and whether downwards; records without a value come last."""
    if len(keys) > MOST_KEYS:
        raise UsageError(f"sortby: {len(keys)} fields; {MOST_KEYS} is the most")
    found = [(_field(model, name, "sortby"), down) for name, down in keys]
    if any(operand.sort == "geometry" for operand, _ in found):
        raise UsageError("sortby: a geometry has no order")
    return [(key.sql.desc() if down else key.sql.asc()).nulls_last() for key, down in found]


def during(model: LayerModel, span: Span) -> list[ColumnElement[bool]]:
    """The record's time of validity meets the span; an end that is not said is open."""
    first, last = span
    found: list[ColumnElement[bool]] = []
    if last is not None and "valid_from" in model.fields:
        begun = _field(model, "valid_from").sql
        found.append(or_(begun.is_(None), begun <= last))
    if first is not None and "valid_to" in model.fields:
        ended = func.instant(func.json_extract(revisions.c.properties, "$.valid_to"), 1)
        found.append(or_(ended.is_(None), ended >= first))
    return found


def _truth(node: object, reading: _Reading, depth: int) -> ColumnElement[bool]:
    """A node that is true or false."""
    if not isinstance(node, Mapping) or "op" not in node:
        operand = _operand(node, reading, depth)
        if operand.sort != "truth":
            raise UsageError(f"filter: {operand.told} is {_CALLED[operand.sort]}, not a condition")
        return operand.sql == true()
    reading.count(depth)
    name, args = _call(node)
    if name in ("and", "or") and len(args) >= 2:
        parts = [_truth(arg, reading, depth + 1) for arg in args]
        return and_(*parts) if name == "and" else or_(*parts)
    if name == "not" and len(args) == 1:
        return not_(_truth(args[0], reading, depth + 1))
    for names, count, make in _PREDICATES:
        if name in names:
            if len(args) != count:
                raise UsageError(f"filter: {name} takes {count} arguments, not {len(args)}")
            return make(name, args, reading, depth + 1)
    known = ", ".join(["and", "or", "not", *(word for names, *_ in _PREDICATES for word in names)])
    raise UsageError(f"filter: {name!r:.80} cannot be asked here; known: {known}, casei")


def _call(node: Mapping[str, Any]) -> tuple[str, Sequence[Any]]:
    name, args = node["op"], node.get("args")
    if not isinstance(name, str) or not isinstance(args, list):
        raise UsageError(f"filter: {str(node)[:80]!r} is no op with args")
    return name if name == "isNull" else name.lower(), args


def _operand(node: object, reading: _Reading, depth: int) -> _Operand:
    reading.count(depth)
    if isinstance(node, Mapping):
        if "property" in node:
            return _field(reading.model, node["property"])
        if "op" in node:
            return _folded(node, reading, depth)
    return _literal(node)


def _folded(node: Mapping[str, Any], reading: _Reading, depth: int) -> _Operand:
    name, args = _call(node)
    if name != "casei" or len(args) != 1:
        raise UsageError(f"filter: {name!r:.80} gives nothing to compare; only casei of one text does")
    inner = _operand(args[0], reading, depth + 1)
    if inner.sort == "instant" and isinstance(inner.value, str):
        inner = _literal(inner.value)
    if inner.sort != "text":
        raise UsageError(f"filter: casei takes a text, {inner.told} is {_CALLED[inner.sort]}")
    if isinstance(inner.value, str):
        return _literal(inner.value.casefold())
    return _Operand("text", func.casefold(inner.sql), f"casei({inner.told})")


def _field(model: LayerModel, name: object, where: str = "filter") -> _Operand:
    names = queryable_names(model)
    if not isinstance(name, str) or name not in names:
        said = str(name)[:80]
        raise UsageError(f"{where}: {model.id} has no field {said!r} to ask for; known: {', '.join(names)}")
    if name == "id":
        return _Operand("text", shown.c.id, name)
    if name == "geometry":
        return _Operand("geometry", shown.c.west, name)
    sort = "instant" if name == "updated" else _SORTS.get(model.fields[name].kind, "text")
    told = revisions.c.at if name == "updated" else func.json_extract(revisions.c.properties, f"$.{name}")
    if sort == "instant":
        return _Operand("instant", func.instant(told, 0), name, last=func.instant(told, 1))
    return _Operand(sort, told, name)


def _literal(value: object) -> _Operand:
    if isinstance(value, bool):
        return _Operand("truth", literal(value), str(value).lower(), value)
    if isinstance(value, int | float):
        if abs(value) >= 2**63 or math.isnan(value):
            raise UsageError("filter: a number is too large")
        return _Operand("number", literal(value), f"{value!r}", value)
    if isinstance(value, str) and _is_whole(value):
        return _Operand("text", literal(value), f"{value!r:.80}", value)
    if isinstance(value, Mapping) and len(value) == 1:
        kind, said = next(iter(value.items()))
        if kind in ("date", "timestamp") and isinstance(said, str) and ("T" in said) == (kind == "timestamp"):
            return _moment(said)
    raise UsageError(f"filter: {str(value)[:80]!r} is no text, number, truth value, DATE or TIMESTAMP")


def _is_whole(text: str) -> bool:
    """Half of a surrogate pair, which JSON can say, is no character."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _moment(text: str) -> _Operand:
    span = span_of(text)
    if span is None:
        raise UsageError(f"filter: {text!r:.80} is no date, time or year")
    return _Operand("instant", literal(span[0]), f"{text!r:.80}", text, literal(span[1]))


def _meant(operand: _Operand, other: _Operand) -> _Operand:
    """A text beside a date is read as one."""
    if other.sort == "instant" and operand.sort == "text" and isinstance(operand.value, str):
        if span_of(operand.value) is None:
            raise UsageError(f"filter: {other.told} is a date, {operand.told} is none")
        return _moment(operand.value)
    return operand


def _alike(args: Sequence[Any], reading: _Reading, depth: int) -> list[_Operand]:
    """Operands that can be compared with the first of them."""
    given = [_operand(arg, reading, depth) for arg in args]
    found = [_meant(given[0], given[-1]), *(_meant(one, given[0]) for one in given[1:])]
    for one in found[1:]:
        if one.sort != found[0].sort:
            a, b = found[0], one
            raise UsageError(f"filter: {a.told} is {_CALLED[a.sort]}, {b.told} is {_CALLED[b.sort]}")
    if found[0].sort == "geometry":
        raise UsageError("filter: geometries are asked for by s_intersects")
    return found


def _compare(name: str, a: _Operand, b: _Operand) -> ColumnElement[bool]:
    if a.sort != b.sort:
        raise UsageError(f"filter: {a.told} is {_CALLED[a.sort]}, {b.told} is {_CALLED[b.sort]}")
    return _COMPARISONS[name](a.sql, b.sql)


def _compared(name: str, args: Sequence[Any], reading: _Reading, depth: int) -> ColumnElement[bool]:
    a, b = _alike(args, reading, depth)
    return _compare(name, a, b)


def _between(_name: str, args: Sequence[Any], reading: _Reading, depth: int) -> ColumnElement[bool]:
    value, low, high = _alike(args, reading, depth)
    return and_(value.sql >= low.sql, value.sql <= high.sql)


def _within(_name: str, args: Sequence[Any], reading: _Reading, depth: int) -> ColumnElement[bool]:
    value, members = _operand(args[0], reading, depth), args[1]
    if not isinstance(members, list) or not 1 <= len(members) <= MOST_MEMBERS:
        raise UsageError(f"filter: in takes a list of 1 to {MOST_MEMBERS} values")
    uncounted = _Reading(reading.model, reading.system)
    found = []
    for member in members:
        uncounted.nodes = 0
        found.append(_meant(_operand(member, uncounted, depth), value))
    for one in found:
        _compare("=", value, one)
    return value.sql.in_([one.sql for one in found])


def _like(_name: str, args: Sequence[Any], reading: _Reading, depth: int) -> ColumnElement[bool]:
    text, pattern = (_operand(arg, reading, depth) for arg in args)
    if text.sort != "text" or not isinstance(pattern.value, str):
        raise UsageError(f"filter: like compares a text with a pattern, not {text.told} with {pattern.told}")
    return func.glob(_glob(pattern.value), text.sql) == 1


def _glob(pattern: str) -> str:
    r"""A pattern of CQL2 (% many, _ one, \ before either: itself) as one of SQLite's GLOB."""
    made, escaped, wildcards = "", False, 0
    for letter in pattern:
        if letter == "\\" and not escaped:
            escaped = True
            continue
        if letter in "%_" and not escaped:
            made += "*" if letter == "%" else "?"
            wildcards += letter == "%"
        else:
            made += f"[{letter}]" if letter in "*?[" else letter
        escaped = False
    if wildcards > MOST_WILDCARDS:
        raise UsageError(f"filter: the pattern has {wildcards} wildcards; {MOST_WILDCARDS} is the most")
    return made + ("\\" if escaped else "")


def _is_null(_name: str, args: Sequence[Any], reading: _Reading, depth: int) -> ColumnElement[bool]:
    return _operand(args[0], reading, depth).sql.is_(null())


def _intersects(_name: str, args: Sequence[Any], reading: _Reading, depth: int) -> ColumnElement[bool]:
    fields = [arg for arg in args if isinstance(arg, Mapping) and arg.get("property") == "geometry"]
    others = [arg for arg in args if arg not in fields]
    if len(fields) != 1 or len(others) != 1:
        raise UsageError(
            "filter: s_intersects takes geometry and one BBOX, POINT, LINESTRING, POLYGON or MULTI…"
        )
    reading.count(depth)
    if isinstance(others[0], Mapping) and others[0].get("type") in SHAPES:
        return in_shape(shape_of(others[0], reading.system), reading.system)
    box = box_of(_corners(others[0]), reading.system, "filter")
    return in_box(box, reading.system)


def _corners(node: Any) -> tuple[float, ...]:
    numbers: Any = None
    if isinstance(node, Mapping) and "bbox" in node:
        numbers = node["bbox"]
    elif isinstance(node, Mapping) and node.get("type") == "Point":
        position = node.get("coordinates")
        numbers = position[:2] * 2 if isinstance(position, list) and len(position) in (2, 3) else None
    if not isinstance(numbers, list) or len(numbers) not in (4, 6) or not all(map(_is_number, numbers)):
        raise UsageError(f"filter: {str(node)[:80]!r} is no BBOX of 4 or 6 numbers and no geometry")
    return tuple(float(number) for number in numbers)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def _number_in(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or "_" in text or not text.isascii():
        raise UsageError(f"query parameter {name}: {text!r:.80} is no number")
    return value


def _temporal(name: str, args: Sequence[Any], reading: _Reading, depth: int) -> ColumnElement[bool]:
    (a, a_last), (b, b_last) = (_span(arg, reading, depth) for arg in args)
    if name == "t_after":
        return a > b_last
    if name == "t_before":
        return a_last < b
    if name == "t_during":
        return and_(a > b, a_last < b_last)
    return and_(a <= b_last, a_last >= b)


def _span(node: Any, reading: _Reading, depth: int) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    ends = node.get("interval") if isinstance(node, Mapping) else None
    if ends is None:
        return _time(node, reading, depth)
    reading.count(depth)
    if not isinstance(ends, list) or len(ends) != 2:
        raise UsageError("filter: INTERVAL takes two ends")
    first = literal(-(2**62)) if ends[0] == ".." else _time(ends[0], reading, depth + 1)[0]
    last = literal(2**62) if ends[1] == ".." else _time(ends[1], reading, depth + 1)[1]
    return first, last


def _time(node: Any, reading: _Reading, depth: int) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    found = _operand(node, reading, depth)
    if found.sort == "text" and isinstance(found.value, str):
        found = _moment(found.value)
    if found.sort != "instant" or found.last is None:
        raise UsageError(f"filter: {found.told} is {_CALLED[found.sort]}, not a date")
    return found.sql, found.last


_Make = Callable[[str, Sequence[Any], _Reading, int], ColumnElement[bool]]
_PREDICATES: tuple[tuple[tuple[str, ...], int, _Make], ...] = (
    (tuple(_COMPARISONS), 2, _compared),
    (("like",), 2, _like),
    (("between",), 3, _between),
    (("in",), 2, _within),
    (("isNull",), 1, _is_null),
    (("s_intersects",), 2, _intersects),
    (("t_after", "t_before", "t_during", "t_intersects"), 2, _temporal),
)
"""Names, how many arguments, and what makes a condition of them."""
