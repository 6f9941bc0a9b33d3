"""Property tables: columns of values ↔ the buffers and the schema of EXT_structural_metadata 1.0.

Also the schema of 3D Tiles 1.1 metadata, which is the same. A column keeps its source's name; where that is
no identifier, the schema holds a made one and the true name as the property's `name`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.errors import FormatError
from smap.formats.utf8 import Utf8

__all__ = ["Column", "PropertyTable", "decode_table", "encode_table", "schema_of", "table_lengths"]

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_COMPONENTS = {
    "INT8": "i1",
    "UINT8": "u1",
    "INT16": "<i2",
    "UINT16": "<u2",
    "INT32": "<i4",
    "UINT32": "<u4",
    "INT64": "<i8",
    "UINT64": "<u8",
    "FLOAT32": "<f4",
    "FLOAT64": "<f8",
}
_UNKNOWN_NAME = "unknown"  # the value an enumeration gets when some of its features have none
_NAMES = {np.dtype(dtype): name for name, dtype in _COMPONENTS.items()}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}


@dataclass(frozen=True)
class Column:
    """One property of all features.

    values (n,): strings as an object array (None: unknown), bool, integers, or floats (NaN: unknown). With
    `names` the values are indices into them, an enumeration. `unknown`: bool (n,), for integers and names.
    texts: strings as bytes already, in the stead of values.
    """

    values: NDArray[Any]
    unknown: NDArray[np.bool_] | None = None
    names: tuple[str, ...] = ()
    title: str = ""
    semantic: str = ""
    texts: Utf8 | None = None

    @staticmethod
    def of_texts(texts: Utf8) -> Column:
        """Strings (n,) that are bytes already."""
        return Column(np.zeros(0), texts=texts)

    def __len__(self) -> int:
        return len(self.values) if self.texts is None else len(self.texts)


@dataclass(frozen=True)
class PropertyTable:
    """Columns of equal length by name; `class_name` is the schema's class, an identifier."""

    columns: Mapping[str, Column] = field(default_factory=dict)
    class_name: str = "building"
    schema_id: str = "smap"

    def __post_init__(self) -> None:
        assert _IDENTIFIER.fullmatch(self.class_name)
        assert len({len(column) for column in self.columns.values()}) <= 1

    def __len__(self) -> int:
        return next((len(column) for column in self.columns.values()), 0)


def schema_of(*tables: PropertyTable) -> dict[str, Any]:
    """The schema that describes these tables: the same for all of the same column names and types.

    Tables of one schema have a class each, and columns with `names` other names than those of the rest.
    """
    classes: dict[str, Any] = {}
    enums: dict[str, Any] = {}
    for table in tables:
        ids = _ids(table.columns)
        properties = {ids[name]: _property(name, ids[name], column) for name, column in table.columns.items()}
        named = {
            f"{ids[name]}_values": _enum(column) for name, column in table.columns.items() if column.names
        }
        assert table.class_name not in classes
        assert not named.keys() & enums.keys()
        classes[table.class_name] = {"properties": properties}
        enums |= named
    return {"id": tables[0].schema_id, "classes": classes} | ({"enums": enums} if enums else {})


def encode_table(table: PropertyTable, add_view: Callable[[bytes], int]) -> dict[str, Any]:
    """The `propertyTables` entry; `add_view` takes a property's bytes and gives the index of their view.

    A column in which nothing is known is left out: of strings its view would have no bytes, which glTF
    forbids, and of numbers it would say nothing.
    """
    ids = _ids(table.columns)
    properties = {}
    for name, column in table.columns.items():
        if not _is_blank(column):
            properties[ids[name]] = _encode_column(column, add_view)
    return {"class": table.class_name, "count": len(table), "properties": properties}


def decode_table(
    entry: Mapping[str, Any], schema: Mapping[str, Any], read_view: Callable[[int], bytes]
) -> PropertyTable:
    """The table of a `propertyTables` entry; arrays of arrays are left out. FormatError when it is broken."""
    try:
        class_name, count = str(entry["class"]), int(entry["count"])
        described = schema["classes"][class_name]["properties"]
        columns = {}
        places = entry.get("properties", {})
        for key, kind in described.items():
            if kind.get("array"):
                continue
            if key in places:
                column = _decode_column(key, kind, places[key], schema, count, read_view)
            elif kind["type"] == "STRING":
                column = _column(kind, np.full(count, None, object))
            elif kind["type"] == "SCALAR" and "noData" in kind:
                missing = np.full(count, kind["noData"], _COMPONENTS[kind["componentType"]])
                column = _unmasked(missing, kind)
            else:
                continue
            columns[str(kind.get("name", key))] = column
        return PropertyTable(columns, class_name, str(schema.get("id", "")))
    except (KeyError, TypeError, ValueError, AttributeError, AssertionError) as error:
        raise FormatError(
            f"property table does not fit its schema ({type(error).__name__}: {error})"
        ) from error


def table_lengths(
    entry: Mapping[str, Any], schema: Mapping[str, Any], read_view: Callable[[int], bytes]
) -> list[str]:
    """A line for each property whose view has not the exact byteLength that the specification wants."""
    faults = []
    described = schema["classes"][entry["class"]]["properties"]
    for key, place in entry.get("properties", {}).items():
        kind = described[key]
        if kind.get("array"):
            continue
        if kind["type"] == "STRING":
            faults += _string_length_faults(key, place, int(entry["count"]), read_view)
            continue
        want = _byte_length(kind, schema, int(entry["count"]))
        have = len(read_view(place["values"]))
        if have != want:
            faults.append(f"property {key}: {have} bytes where {want} are needed")
    return faults


def _ids(names: Mapping[str, Column]) -> dict[str, str]:
    """Our name → the schema's identifier: the name itself, else `property_` and its place."""
    return {
        name: name if _IDENTIFIER.fullmatch(name) else f"property_{place}" for place, name in enumerate(names)
    }


def _property(name: str, key: str, column: Column) -> dict[str, Any]:
    described: dict[str, Any] = {} if name == key else {"name": name}
    if column.title:
        described["description"] = column.title
    if column.semantic:
        described["semantic"] = column.semantic
    return described | _type_of(key, column)


def _type_of(key: str, column: Column) -> dict[str, Any]:
    values = column.values
    if column.names:
        kind: dict[str, Any] = {"type": "ENUM", "enumType": f"{key}_values"}
        return kind | ({"noData": _UNKNOWN_NAME} if column.unknown is not None else {})
    if column.texts is not None or values.dtype.kind in "OU":
        return {"type": "STRING", "noData": ""}
    if values.dtype.kind == "b":
        return {"type": "BOOLEAN"}
    kind = {"type": "SCALAR", "componentType": _NAMES[values.dtype.newbyteorder("<")]}
    if values.dtype.kind == "f" or column.unknown is not None:
        kind["noData"] = _lowest(values.dtype)
    return kind


def _enum(column: Column) -> dict[str, Any]:
    names = [*column.names, _UNKNOWN_NAME] if column.unknown is not None else column.names
    values = [{"name": name, "value": value} for value, name in enumerate(names)]
    return {"valueType": "UINT8" if len(values) <= 0xFF else "UINT16", "values": values}


def _lowest(dtype: np.dtype[Any]) -> float | int:
    """The lowest finite value: it stands for "unknown", since no height, count or year comes near it."""
    return float(np.finfo(dtype).min) if dtype.kind == "f" else int(np.iinfo(dtype).min)


def _is_blank(column: Column) -> bool:
    if column.texts is not None:
        return not len(column.texts.data)
    if column.values.dtype.kind in "OU":
        return not any(column.values.tolist())
    unknown = _unknown(column)
    return unknown is not None and bool(unknown.all())


def _unknown(column: Column) -> NDArray[np.bool_] | None:
    return np.isnan(column.values) if column.values.dtype.kind == "f" else column.unknown


def _encode_column(column: Column, add_view: Callable[[bytes], int]) -> dict[str, Any]:
    values = column.values
    if column.texts is not None:
        return _encode_strings(column.texts, add_view)
    if values.dtype.kind in "OU":
        return _encode_strings(Utf8.of(values.astype(object)), add_view)
    if values.dtype.kind == "b":
        return {"values": add_view(np.packbits(values, bitorder="little").tobytes())}
    return {"values": add_view(_stored(column).tobytes())}


def _stored(column: Column) -> NDArray[Any]:
    values = column.values
    if column.names:
        codes = values.astype(np.dtype(_COMPONENTS[_enum(column)["valueType"]]))
        return (
            codes
            if column.unknown is None
            else np.where(column.unknown, len(column.names), codes).astype(codes.dtype)
        )
    little = values.astype(values.dtype.newbyteorder("<"))
    unknown = _unknown(column)
    return (
        little if unknown is None else np.where(unknown, _lowest(little.dtype), little).astype(little.dtype)
    )


def _encode_strings(texts: Utf8, add_view: Callable[[bytes], int]) -> dict[str, Any]:
    offsets = texts.offsets
    kind = next(
        name for name in ("UINT8", "UINT16", "UINT32") if offsets[-1] <= np.iinfo(_COMPONENTS[name]).max
    )
    entry: dict[str, Any] = {"values": add_view(texts.data.tobytes())}
    entry["stringOffsets"] = add_view(offsets.astype(_COMPONENTS[kind]).tobytes())
    return entry if kind == "UINT32" else entry | {"stringOffsetType": kind}


def _decode_column(
    key: str,
    kind: Mapping[str, Any],
    place: Mapping[str, Any],
    schema: Mapping[str, Any],
    count: int,
    read_view: Callable[[int], bytes],
) -> Column:
    data = read_view(place["values"])
    if kind["type"] == "STRING":
        return _column(kind, _decode_strings(place, data, count, read_view, kind.get("noData")))
    if kind["type"] == "BOOLEAN":
        bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")[:count]
        return _column(kind, _exactly(key, bits.astype(np.bool_), count))
    if kind["type"] == "ENUM":
        return _decode_enum(key, kind, data, schema["enums"][kind["enumType"]], count)
    width = _WIDTHS[kind["type"]]
    values = np.frombuffer(data, _COMPONENTS[kind["componentType"]])
    return _unmasked(_exactly(key, values.reshape(-1, width) if width > 1 else values, count), kind)


def _column(
    kind: Mapping[str, Any],
    values: NDArray[Any],
    unknown: NDArray[np.bool_] | None = None,
    names: tuple[str, ...] = (),
) -> Column:
    return Column(values, unknown, names, str(kind.get("description", "")), str(kind.get("semantic", "")))


def _unmasked(values: NDArray[Any], kind: Mapping[str, Any]) -> Column:
    no_data = kind.get("noData")
    if no_data is None:
        return _column(kind, values)
    if values.dtype.kind == "f":
        return _column(kind, np.where(values == no_data, np.nan, values).astype(values.dtype))
    return _column(kind, values, values == no_data)


def _decode_enum(
    key: str, kind: Mapping[str, Any], data: bytes, enum: Mapping[str, Any], count: int
) -> Column:
    stored = _exactly(key, np.frombuffer(data, _COMPONENTS[enum.get("valueType", "UINT16")]), count)
    places = {int(item["value"]): place for place, item in enumerate(enum["values"])}
    names = [str(item["name"]) for item in enum["values"]]
    try:
        found = np.array([places[value] for value in stored.tolist()], np.int64)
    except KeyError as error:
        raise FormatError(f"property {key}: the value {error} is not in its enumeration") from error
    if "noData" not in kind:
        return _column(kind, found, None, tuple(names))
    gap = names.index(kind["noData"])
    unknown = found == gap
    found = np.where(unknown, 0, found - (found > gap))
    return _column(kind, found, unknown, (*names[:gap], *names[gap + 1 :]))


def _decode_strings(
    place: Mapping[str, Any],
    data: bytes,
    count: int,
    read_view: Callable[[int], bytes],
    no_data: str | None,
) -> NDArray[Any]:
    kind = _COMPONENTS[place.get("stringOffsetType", "UINT32")]
    offsets = _exactly("stringOffsets", np.frombuffer(read_view(place["stringOffsets"]), kind), count + 1)
    if offsets[0] != 0 or offsets[-1] != len(data) or (np.diff(offsets.astype(np.int64)) < 0).any():
        raise FormatError("the string offsets of a property do not rise from 0 to the length of its values")
    edges = offsets.tolist()
    texts = np.empty(count, object)
    for row, (start, end) in enumerate(pairwise(edges)):
        text = data[start:end].decode()
        texts[row] = None if text == no_data else text
    return texts


def _exactly(key: str, values: NDArray[Any], count: int) -> NDArray[Any]:
    if len(values) != count:
        raise FormatError(f"property {key}: {len(values)} values where the table has {count}")
    return values


def _byte_length(kind: Mapping[str, Any], schema: Mapping[str, Any], count: int) -> int:
    if kind["type"] == "BOOLEAN":
        return (count + 7) // 8
    if kind["type"] == "ENUM":
        component = schema["enums"][kind["enumType"]].get("valueType", "UINT16")
        return count * np.dtype(_COMPONENTS[component]).itemsize
    return count * _WIDTHS[kind["type"]] * np.dtype(_COMPONENTS[kind["componentType"]]).itemsize


def _string_length_faults(
    key: str, place: Mapping[str, Any], count: int, read_view: Callable[[int], bytes]
) -> list[str]:
    dtype = np.dtype(_COMPONENTS[place.get("stringOffsetType", "UINT32")])
    data = read_view(place["stringOffsets"])
    want = (count + 1) * dtype.itemsize
    if len(data) != want:
        return [f"property {key}: {len(data)} bytes of string offsets where {want} are needed"]
    end, have = int(np.frombuffer(data, dtype)[-1]), len(read_view(place["values"]))
    return [] if end == have else [f"property {key}: {have} bytes of strings where {end} are needed"]
