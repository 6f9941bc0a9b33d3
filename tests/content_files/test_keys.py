"""The heritage agency's keys: their form, that they are one another's, and that no two records share them."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.content_files.conftest import Content, Feature
from tests.content_files.test_records import LAST_READ

KINDS = {
    "국보": "11",
    "보물": "12",
    "사적": "13",
    "천연기념물": "16",
    "서울특별시 유형문화유산": "21",
    "서울특별시 기념물": "23",
    "국가등록문화유산": "79",
}
"""ccbaKdcd by the designation that a record tells."""
SERIALS = {"11": "111", "12": "112", "13": "133", "16": "136", "21": "211", "23": "233"}
"""What ccbaCpno begins with, by kind; of others we know no example."""
SEOUL = "11"
NUMBER = re.compile(r"\d{6}0{7}")
FIRST_LAW = dt.date(1962, 1, 10)
"""The Cultural Heritage Protection Act, under which all of these were designated."""
LEAST = {
    "khs_kind": 0.95,
    "khs_number": 0.92,
    "khs_id": 0.92,
    "designated": 0.70,
    "era_ko": 0.85,
    "materials_ko": 0.55,
    "valid_from": 0.70,
    "eras": 1.0,
}
"""Shares of the heritage records that say each."""


def designated(content: Content) -> list[Feature]:
    return [f for f in content["heritage"] if "khs_kind" in f["properties"]]


def kind_of(told: str) -> str:
    return KINDS[told.split(" (")[0]]


def test_the_kind_is_that_of_the_designation_and_the_city_is_seoul(content: Content) -> None:
    for feature in designated(content):
        told = feature["properties"]
        assert told["khs_kind"] == kind_of(told["designation_ko"]), feature["id"]
        assert told["khs_city"] == SEOUL, feature["id"]


def test_a_designated_record_says_its_kind(content: Content) -> None:
    for feature in content["heritage"]:
        assert ("designation_ko" in feature["properties"]) is ("khs_kind" in feature["properties"])


def test_a_number_has_thirteen_digits_and_the_serial_is_made_of_it(content: Content) -> None:
    for feature in designated(content):
        told = feature["properties"]
        number = told.get("khs_number")
        if number is None:
            continue
        assert NUMBER.fullmatch(number), (feature["id"], number)
        if told["khs_kind"] in SERIALS:
            serial = f"{SERIALS[told['khs_kind']]}{SEOUL}{number[2:10]}"
            assert told["khs_id"] == serial, (feature["id"], told.get("khs_id"))


def test_no_two_records_have_the_same_keys(content: Content) -> None:
    keys = Counter(
        (f["properties"]["khs_kind"], f["properties"]["khs_number"])
        for f in designated(content)
        if "khs_number" in f["properties"]
    )
    assert [key for key, count in keys.items() if count > 1] == []


def test_a_day_of_designation_is_a_real_day_under_the_law(content: Content) -> None:
    for feature in content["heritage"]:
        told = feature["properties"].get("designated", "")
        if re.fullmatch(r"\d{4}-\d\d-\d\d", told):
            assert FIRST_LAW <= dt.date.fromisoformat(told) <= dt.date.fromisoformat(LAST_READ), feature["id"]
        else:
            assert re.fullmatch(r"(\d{4})?", told), (feature["id"], told)


def test_a_fact_and_the_field_tell_the_same_day_of_designation(content: Content) -> None:
    """Of several designations the field tells the last, under which the record stands."""
    for feature in content["heritage"]:
        day = feature["properties"].get("designated", "")
        facts = " ".join(f["ko"] for f in feature["properties"]["facts"] if f["about"] == "designated")
        days = re.findall(r"(\d{4})년 (\d+)월 (\d+)일", facts)
        if len(day) == 10 and days:
            assert day in {f"{y}-{int(m):02d}-{int(d):02d}" for y, m, d in days}, feature["id"]


@pytest.mark.parametrize("field", sorted(LEAST))
def test_most_heritage_records_say_it(content: Content, field: str) -> None:
    records = content["heritage"]
    share = sum(field in f["properties"] for f in records) / len(records)
    assert share >= LEAST[field], share


def test_seven_of_ten_designations_are_told_to_the_day(content: Content) -> None:
    records = designated(content)
    days = sum(len(f["properties"].get("designated", "")) == 10 for f in records)
    assert days / len(records) >= 0.7, days


@pytest.mark.real
def test_the_numbers_rise_as_in_the_agencys_own_list(content: Content, seoul_data: Path) -> None:
    """The list of 2021 has no numbers, but goes by kind and number: a wrong one would break its order."""
    path = seoul_data / "heritage" / "seoul_heritage_cha_2021.geojson"
    rows: list[Any] = json.loads(path.read_text(encoding="utf-8"))["features"]
    place = {_bare(row["properties"]["name"]): at for at, row in reversed(list(enumerate(rows)))}
    found = []
    for feature in designated(content):
        told = feature["properties"]
        at = place.get(_bare(told["name_ko"]))
        if at is not None and told["khs_kind"] in ("11", "12", "13", "16", "21") and "khs_number" in told:
            found.append((told["khs_kind"], told["khs_number"], at, feature["id"]))
    assert len(found) >= 85
    for one, other in pairwise(sorted(found)):
        assert one[0] != other[0] or one[2] < other[2], (one, other)


def _bare(name: str) -> str:
    return re.sub(r"^서울 |\(.*\)|<.*>|\s", "", name)
