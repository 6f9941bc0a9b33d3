"""The words of fields and choices in the editor: one for everything that the model names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from smap.content.model import LAYERS
from smap.server.words import CATEGORIES

TEXT = Path(__file__).parents[2] / "web" / "src" / "text"


def words_of(file: str, table: str) -> set[str]:
    """The keys of a table of words, at any depth."""
    text = (TEXT / file).read_text(encoding="utf-8")
    body = text.partition(f"{table}: ")[2].partition("\n};")[0]
    return set(re.findall(r'(?<![\w"])"?([\w-]+)"?: (?:word\(|\{)', body))


@pytest.mark.parametrize("layer", LAYERS)
def test_every_field_has_a_word_in_the_editor(layer: str) -> None:
    fields = LAYERS[layer].fields
    assert set(fields) - words_of("fields.ts", "FIELD_WORDS") == set()
    within = {name for field in fields.values() for name in field.fields}
    assert within - words_of("fields.ts", "FIELD_WORDS") - words_of("fields.ts", "ENTRY_WORDS") == set()


@pytest.mark.parametrize("layer", LAYERS)
def test_every_choice_has_a_word_in_the_editor(layer: str) -> None:
    told = words_of("fields.ts", "CHOICE_WORDS")
    for field in LAYERS[layer].fields.values():
        for name, inner in {"": field, **field.fields}.items():
            means = words_of("categories.ts", "MEANS")
            assert set(inner.choices) - told - means == set(), name


@pytest.mark.parametrize("layer", LAYERS)
def test_every_category_has_a_word_on_pages_and_in_the_viewer(layer: str) -> None:
    categories = set(LAYERS[layer].categories)
    assert categories - set(CATEGORIES) == set()
    assert categories - words_of("categories.ts", "CATEGORIES") == set()
