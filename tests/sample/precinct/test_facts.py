"""Precincts' facts: whole, in their place, and refused where a word is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from smap.errors import InputError
from smap.sample.precinct import Precinct, read_precincts
from smap.sample.precinct.facts import footprint
from smap.sample.write import City
from tests.sample.conftest import FACTS

PRECINCTS = read_precincts(FACTS)


@pytest.mark.parametrize("one", PRECINCTS, ids=lambda one: one.id)
def test_each_fact_is_written_whole(one: Precinct) -> None:
    assert one.source
    assert one.name
    assert one.name_en
    assert one.date == "2026-11-26"
    assert 0 < one.position_accuracy_m <= 60
    assert set(one.eras) <= {"today", "hanyang"}


def test_the_palaces_and_the_square_are_among_them() -> None:
    assert {"gyeongbokgung", "changdeokgung", "jongmyo", "gwanghwamun-square"} <= {p.id for p in PRECINCTS}


def test_x_goes_to_the_right_and_y_into_the_depth(city: City) -> None:
    """Gyeongbokgung's axis is turned 2.3 degrees: what lies 100 m behind lies 4 m to the east."""
    one = next(p for p in PRECINCTS if p.id == "gyeongbokgung")
    here, behind = one.to_plane(np.array([[0.0, 0.0], [0.0, 100.0]]), city.facts.plane)
    assert behind - here == pytest.approx([4.0, 99.9], abs=0.1)


@pytest.mark.parametrize("key", ["경복궁 Gyeongbokgung", "창덕궁", "종묘", "창경궁", "덕수궁"])
def test_halls_and_woods_of_a_palace_lie_inside_its_walls(city: City, key: str) -> None:
    plane = city.facts.plane
    court = shapely.polygons(next(c.outline for c in city.facts.courts if c.name.startswith(key)))
    slug = {"경": "gyeongbokgung", "덕": "deoksugung", "종": "jongmyo"}.get(key[0])
    one = next(
        p for p in PRECINCTS if p.id == (slug or {"창덕궁": "changdeokgung"}.get(key, "changgyeonggung"))
    )
    reach = shapely.buffer(court, 15.0)  # halls at a gate, and what an outline of 40 m accuracy leaves
    built = shapely.transform(footprint(one), lambda xy: one.to_plane(xy, plane))
    assert shapely.area(shapely.difference(built, reach)) < 0.03 * built.area
    for grove in one.groves:
        shape = one.shape_on(grove.outline, plane)
        assert shapely.area(shapely.difference(shape, reach)) < 0.03 * shape.area


def test_no_two_halls_of_a_precinct_stand_in_each_other() -> None:
    for one in (p for p in PRECINCTS if p.halls):
        halls = [
            shapely.box(p.x - p.width / 2, p.y - p.depth / 2, p.x + p.width / 2, p.y + p.depth / 2)
            for p in one.halls
        ]
        first, second = shapely.STRtree(halls).query(halls, predicate="overlaps")
        assert not len(first), (
            one.id,
            [(one.halls[a], one.halls[b]) for a, b in zip(first, second, strict=True)],
        )


@pytest.mark.parametrize(("old", "new"), [("apart = ", "apert = "), ('name = "종묘"', 'nane = "종묘"')])
def test_an_unknown_word_is_refused(tmp_path: Path, old: str, new: str) -> None:
    text = (FACTS / "precincts" / "jongmyo.toml").read_text(encoding="utf-8")
    (tmp_path / "precincts").mkdir()
    (tmp_path / "precincts" / "jongmyo.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=r"jongmyo\.toml"):
        read_precincts(tmp_path)
