"""Who is who: names that last, and doubles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from smap.scene.identity import as_texts, blank_or_double, exact_duplicates, ids_by_place
from tests.scene.shapes import CITY_HALL, footprints_of, rectangle

Texts = NDArray[np.object_]


def texts(*values: str | None) -> Texts:
    return np.array([*values, None], object)[:-1]


def ids(own: Texts, pnu: Texts | None = None, centroid: NDArray[np.float64] | None = None) -> list[str]:
    n = len(own)
    where = CITY_HALL + np.arange(n)[:, None] * 1e-5 if centroid is None else centroid
    blank = np.full(n, None, object)
    pnu = blank if pnu is None else pnu
    source = np.full(n, "osm", object)
    unclear = blank_or_double(source, own)
    found = np.array([f"osm:{one}" for one in own], object)
    found[unclear] = ids_by_place(
        source[unclear], own[unclear], pnu[unclear], where[unclear], np.full(int(unclear.sum()), 90.0)
    )
    return [*found]


def test_an_id_is_the_source_and_its_own_id() -> None:
    assert ids(texts("17", "18")) == ["osm:17", "osm:18"]


def test_a_blank_or_double_id_falls_back_on_pnu_and_place() -> None:
    found = ids(texts("17", "17", None), texts("1111010100100010000", None, None))
    assert found[0].startswith("osm:1111010100100010000-")
    assert all(one != "osm:17" for one in found)
    assert len(set(found)) == 3


def test_two_alike_without_any_id_are_numbered() -> None:
    here = np.tile(CITY_HALL, (2, 1))
    first, second = ids(texts(None, None), centroid=here)
    assert second == f"{first}-2"


@given(st.lists(st.sampled_from(["1", "2", "3", None]), min_size=1, max_size=9), st.randoms())
def test_the_order_of_the_input_changes_no_id_and_all_differ(own: list[str | None], random: object) -> None:
    n = len(own)
    order = np.array(random.sample(range(n), n))  # type: ignore[attr-defined]
    where = CITY_HALL + np.arange(n)[:, None] * 1e-5
    column = texts(*own)
    before = np.array(ids(column, centroid=where), object)
    after = ids(column[order], centroid=where[order])
    assert before[order].tolist() == after
    assert len(set(after)) == n


def test_a_building_that_moves_a_centimetre_keeps_its_hashed_id() -> None:
    here = np.radians(np.array([[126.9779001, 37.5665001]]))
    assert ids(texts(None), centroid=here) == ids(texts(None), centroid=here + 1e-9)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (np.array([1.0, 2.5, np.nan]), ["1", "2.5", None]),
        (np.array([7, 8]), ["7", "8"]),
        (np.array([" a ", "", None], object), ["a", None, None]),
    ],
)
def test_columns_become_texts_and_blanks_none(
    column: NDArray[np.generic], expected: list[str | None]
) -> None:
    assert as_texts(column).tolist() == expected


def test_a_ring_that_begins_elsewhere_is_the_same_geometry() -> None:
    square = rectangle(0.0, 0.0, 10.0, 10.0)
    turned = [square[0][2:] + square[0][:2]]
    footprints = footprints_of([[square], [turned], [rectangle(0.0, 0.0, 10.0, 11.0)]])
    floors = texts("2", "2", "2")
    assert exact_duplicates(footprints, [floors], np.zeros(3, int), texts("b", "a", "c")).tolist() == [0]


def test_of_alikes_the_highest_rank_stays_and_one_without_an_id_goes_first() -> None:
    square = rectangle(0.0, 0.0, 10.0, 10.0)
    footprints = footprints_of([[square]] * 3)
    assert exact_duplicates(footprints, [], np.array([0, 0, 1]), texts("a", "b", "c")).tolist() == [0, 1]
    assert exact_duplicates(footprints, [], np.zeros(3, int), texts(None, "b", None)).tolist() == [0, 2]


def test_the_same_geometry_with_another_attribute_is_no_double() -> None:
    square = rectangle(0.0, 0.0, 10.0, 10.0)
    footprints = footprints_of([[square], [square]])
    assert not len(exact_duplicates(footprints, [texts("2", "3")], np.zeros(2, int), texts("a", "b")))


def test_an_l_and_its_mirror_in_the_same_extent_are_no_doubles() -> None:
    left = [[(0.0, 0.0), (10.0, 0.0), (10.0, 4.0), (4.0, 4.0), (4.0, 10.0), (0.0, 10.0)]]
    right = [[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (6.0, 10.0), (6.0, 4.0), (0.0, 4.0)]]
    assert not len(exact_duplicates(footprints_of([[left], [right]]), [], np.zeros(2, int), texts("a", "b")))
