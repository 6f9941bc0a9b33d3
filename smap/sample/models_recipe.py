"""The text of a recipe of models, for all that the sample places as GLBs on its own ground."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

__all__ = ["ATTRIBUTION", "model_source", "models_recipe"]

ATTRIBUTION = "S-Map sample, made from written facts: a sketch, not a survey"
"""Of all that is a sketch, word for word as the recipes of tiles/sample say it: the page says it once."""


_Value = str | float


def models_recipe(
    name: str,
    title: tuple[str, str],
    attribution: str,
    sources: Iterable[str],
    *,
    era: str | None = None,
    depicts: str | None = None,
    terrain: str | None = "ground.toml",
) -> str:
    """A whole recipe. title: Korean, English. sources: what `model_source` gives, in order.

    terrain: None where all of them give their height and none stands on it.
    """
    ko, en = title
    head = [
        "[tileset]",
        *_pairs({"name": name, "kind": "models"}),
        f"title = {{ ko = {_word(ko)}, en = {_word(en)} }}",
        *_pairs({"attribution": attribution}),
        *_pairs({key: value for key, value in (("era", era), ("depicts", depicts)) if value}),
        "",
    ]
    stands = {"terrain": terrain} if terrain else {}
    tail = ["[ground]", *_pairs({**stands, "vertical_datum": "EPSG:5193"}), ""]
    return "\n".join([*head, *sources, *tail])


def model_source(files: Sequence[str], place: Mapping[str, _Value], properties: Mapping[str, _Value]) -> str:
    """One model. files: the finest first; place, properties: the keys of their tables."""
    finest, *coarser = files
    lines = [
        "[[source]]",
        *_pairs({"path": finest}),
        f"coarser = [{', '.join(map(_word, coarser))}]",
        "[source.place]",
        *_pairs(place),
        "[source.properties]",
        *_pairs(properties),
        "",
    ]
    return "\n".join(lines)


def _pairs(values: Mapping[str, _Value]) -> list[str]:
    return [f"{key} = {_word(value)}" for key, value in values.items()]


def _word(value: _Value) -> str:
    """A TOML basic string (its escapes are JSON's), or a number with its point."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(float(value))
