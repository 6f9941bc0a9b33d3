"""The facts of each record: at least three, each with its own source and the day it was read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from tests.content_files.conftest import Content
from tests.content_files.test_records import LAST_READ

LEAST = 3
LONGEST = 300
HANGUL = re.compile(r"[가-힣]")


def facts(content: Content) -> Iterator[tuple[str, dict[str, Any]]]:
    for layer, features in content.items():
        for feature in features:
            for fact in feature["properties"]["facts"]:
                yield f"{layer}/{feature['id']}", fact


def test_every_record_has_three_facts_and_more(content: Content) -> None:
    counts = {
        f"{layer}/{feature['id']}": len(feature["properties"].get("facts", []))
        for layer, features in content.items()
        for feature in features
    }
    assert {where: count for where, count in counts.items() if count < LEAST} == {}


def test_every_fact_names_a_source_and_the_day_it_was_read(content: Content) -> None:
    for where, fact in facts(content):
        assert fact["source"].strip(), where
        url = urlsplit(fact["source_url"])
        assert url.scheme in ("http", "https"), (where, fact["source_url"])
        assert url.hostname, (where, fact["source_url"])
        assert dt.date.fromisoformat(fact["date"]) <= dt.date.fromisoformat(LAST_READ), where


def test_every_fact_is_a_short_sentence_in_both_languages(content: Content) -> None:
    for where, fact in facts(content):
        for language in ("ko", "en"):
            assert fact[language].endswith("."), (where, fact[language])
            assert len(fact[language]) <= LONGEST, (where, fact[language])
        assert HANGUL.search(fact["ko"]), (where, fact["ko"])
        assert HANGUL.search(fact["en"]) is None, (where, fact["en"])


def test_a_figure_of_a_fact_is_the_same_in_both_languages(content: Content) -> None:
    for where, fact in facts(content):
        metres = re.findall(r"(\d[\d,.]*)(?:미터|제곱미터|킬로미터)", fact["ko"])
        assert [figure for figure in metres if figure not in fact["en"]] == [], (where, fact["ko"])


def test_a_record_tells_no_fact_twice(content: Content) -> None:
    for layer, features in content.items():
        for feature in features:
            for language in ("ko", "en"):
                told = [fact[language] for fact in feature["properties"]["facts"]]
                assert len(told) == len(set(told)), (layer, feature["id"])
