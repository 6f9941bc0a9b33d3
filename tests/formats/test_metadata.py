"""Facts of property tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smap.errors import FormatError
from smap.formats.metadata import Column, PropertyTable, decode_table, encode_table, schema_of, table_lengths
from tests.formats.glb_samples import table_of


def written(table: PropertyTable) -> tuple[dict[str, Any], list[bytes]]:
    views: list[bytes] = []

    def add(data: bytes) -> int:
        views.append(data)
        return len(views) - 1

    return encode_table(table, add), views


def again(table: PropertyTable) -> PropertyTable:
    entry, views = written(table)
    return decode_table(entry, schema_of(table), views.__getitem__)


def test_every_kind_of_column_comes_back_with_its_unknowns() -> None:
    table = table_of(23)
    back = again(table)
    assert list(back.columns) == list(table.columns)
    for name, column in table.columns.items():
        found = back.columns[name]
        known = np.ones(23, bool) if column.unknown is None else ~column.unknown
        np.testing.assert_array_equal(found.values[known], column.values[known])
        assert (found.unknown is None) == (column.unknown is None)
        assert found.unknown is None or np.array_equal(found.unknown, ~known)
        assert (found.names, found.title, found.semantic) == (column.names, column.title, column.semantic)


@given(texts=st.lists(st.none() | st.text(min_size=1, max_size=90), min_size=1, max_size=40))
@settings(max_examples=80)
def test_any_text_comes_back(texts: list[str | None]) -> None:
    texts = [text if text is None else text.encode("utf-8", "replace").decode() for text in texts]
    values = np.empty(len(texts), object)
    values[:] = texts
    assert again(PropertyTable({"name": Column(values)})).columns["name"].values.tolist() == texts


def test_string_offsets_take_the_smallest_type() -> None:
    for length, kind in ((9, "UINT8"), (300, "UINT16"), (70_000, None)):
        entry, _ = written(PropertyTable({"name": Column(np.array(["x" * length], object))}))
        assert entry["properties"]["name"].get("stringOffsetType") == kind


@pytest.mark.parametrize(
    "column",
    [
        Column(np.full(3, np.nan, np.float32)),
        Column(np.zeros(3, np.uint32), np.ones(3, bool)),
        Column(np.zeros(3, np.int64), np.ones(3, bool)),
    ],
)
def test_a_column_of_unknown_numbers_has_no_view_and_comes_back_unknown(column: Column) -> None:
    table = PropertyTable({"known": Column(np.arange(3)), "blank": column})
    entry, views = written(table)
    assert list(entry["properties"]) == ["known"]
    assert len(views) == 1
    back = again(table).columns["blank"]
    assert back.values.dtype == column.values.dtype
    assert np.isnan(back.values).all() if back.unknown is None else back.unknown.all()


def test_a_column_of_unknown_strings_has_no_view_but_stays_in_the_schema() -> None:
    table = PropertyTable(
        {"name": Column(np.full(3, None, object)), "n": Column(np.arange(3, dtype=np.uint8))}
    )
    entry, views = written(table)
    assert list(entry["properties"]) == ["n"]
    assert len(views) == 1
    assert "name" in schema_of(table)["classes"]["building"]["properties"]
    assert again(table).columns["name"].values.tolist() == [None] * 3


def test_views_have_exactly_the_bytes_of_their_values() -> None:
    table = table_of(23)
    entry, views = written(table)
    schema = schema_of(table)
    assert table_lengths(entry, schema, views.__getitem__) == []
    floors = entry["properties"]["floors"]["values"]
    views[floors] += b"\0\0"
    offsets = entry["properties"]["name"]["stringOffsets"]
    views[offsets] += b"\0"
    lines = table_lengths(entry, schema, views.__getitem__)
    assert len(lines) == 2
    assert "floors: 48 bytes where 46" in lines[1]


def test_a_name_that_is_no_identifier_is_kept_as_the_propertys_name() -> None:
    schema = schema_of(PropertyTable({"층수": Column(np.zeros(1, np.uint8))}))
    assert schema["classes"]["building"]["properties"]["property_0"]["name"] == "층수"


def test_unknown_numbers_are_the_lowest_value_of_their_type() -> None:
    properties = schema_of(table_of(5))["classes"]["building"]["properties"]
    assert properties["height"]["noData"] == float(np.finfo(np.float32).min)
    assert properties["floors"]["noData"] == -32768
    assert properties["use"]["noData"] == "unknown"
    assert "noData" not in properties["edge"]


def test_the_schema_does_not_depend_on_the_values() -> None:
    assert schema_of(table_of(5)) == schema_of(table_of(99))


@pytest.mark.parametrize("fault", ["count", "class", "enum", "offsets", "component"])
def test_a_table_that_does_not_fit_its_schema_is_refused(fault: str) -> None:
    table = table_of(23)
    entry, views = written(table)
    schema = schema_of(table)
    properties = schema["classes"]["building"]["properties"]
    if fault == "count":
        entry["count"] = 22
    elif fault == "class":
        entry["class"] = "tree"
    elif fault == "enum":
        views[entry["properties"]["height_source"]["values"]] = b"\x09" * 23
    elif fault == "offsets":
        views[entry["properties"]["name"]["values"]] += b"!"
    else:
        properties["floors"]["componentType"] = "FLOAT16"
    with pytest.raises(FormatError):
        decode_table(entry, schema, views.__getitem__)
