"""What the sights tell those who go there: kinds, telephones, and that a source stands behind each."""

from __future__ import annotations

import re

import pytest

from tests.content_files.conftest import Content

KINDS = {"museum": "14", "market": "38", "course": "25"} | dict.fromkeys(
    ("park", "square", "stream", "temple", "viewpoint"), "12"
)
PHONE = re.compile(r"02-\d{3,4}-\d{4}|1\d{3}-\d{4}")
LEAST = {
    "tour_type": 66,
    "valid_from": 50,
    "closed_ko": 30,
    "phone": 35,
    "hours_ko": 10,
    "fee_ko": 15,
    "season_ko": 4,
}
"""How many of the sights say each; prices and hours change, so few of them are written."""


def test_the_kind_is_that_of_the_category(content: Content) -> None:
    for feature in content["tourism"]:
        told = feature["properties"]
        if told["category"] in KINDS:
            assert told["tour_type"] == KINDS[told["category"]], feature["id"]


def test_a_telephone_is_one_of_seoul_or_of_the_whole_country(content: Content) -> None:
    for feature in content["tourism"]:
        phone = feature["properties"].get("phone")
        assert phone is None or PHONE.fullmatch(phone), (feature["id"], phone)


def test_what_a_visitor_is_told_has_a_fact_behind_it(content: Content) -> None:
    """Where a record tells hours, closed days, fee or season, a fact of it names who says so."""
    fields = ("hours_ko", "closed_ko", "fee_ko", "season_ko", "phone")
    for feature in content["tourism"]:
        told = feature["properties"]
        if any(field in told for field in fields):
            abouts = {fact["about"] for fact in told["facts"]}
            assert abouts & {"visit", "event"}, feature["id"]


def test_a_telephone_is_the_one_that_a_fact_names(content: Content) -> None:
    for feature in content["tourism"]:
        told = feature["properties"]
        if "phone" in told:
            assert any(told["phone"] in fact["ko"] for fact in told["facts"]), feature["id"]


def test_what_is_told_is_told_in_both_languages(content: Content) -> None:
    for layer in ("heritage", "tourism"):
        for feature in content[layer]:
            told = feature["properties"]
            korean = {name[:-3] for name in told if name.endswith("_ko")}
            english = {name[:-3] for name in told if name.endswith("_en")}
            assert korean == english, (feature["id"], korean ^ english)


@pytest.mark.parametrize("field", sorted(LEAST))
def test_so_many_sights_say_it(content: Content, field: str) -> None:
    count = sum(field in feature["properties"] for feature in content["tourism"])
    assert count >= LEAST[field]
