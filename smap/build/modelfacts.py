"""What is known of models, as columns of the property table: ours first, then all others as given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.build.modelrule import Fact
from smap.build.modelstock import Model
from smap.formats.metadata import Column
from smap.scene.identity import as_texts

__all__ = ["columns_of"]

_OURS = ("smap_id", "id", "name", "name_en", "height", "ground_source", "content")
_WORDS = ("name", "name_en", "content")
_INT32 = np.iinfo(np.int32)


def columns_of(models: Sequence[Model], ground_source: NDArray[np.object_]) -> dict[str, Column]:
    """Columns over all models. ground_source: object (n,).

    A height that is not given is that of the model's top above its origin. A further property is a column of
    numbers or of truths where every model that has it says so (of truths: if all have it), else of texts.
    """
    columns = {
        "smap_id": _texts([model.rule.smap_id for model in models]),
        "id": _texts([model.rule.id for model in models]),
        "height": Column(np.array([_height(model) for model in models], np.float32)),
        "ground_source": Column(ground_source),
    }
    columns |= {word: _texts([model.rule.facts.get(word) for model in models]) for word in _WORDS}
    further = dict.fromkeys(key for model in models for key in model.rule.facts if key not in _OURS)
    return {name: columns[name] for name in _OURS} | {
        key: _column([model.rule.facts.get(key) for model in models]) for key in further
    }


def _height(model: Model) -> float:
    given = model.rule.facts.get("height")
    return round(float(model.levels[0].positions[:, 2].max() if given is None else given), 2)


def _texts(values: Sequence[Any]) -> Column:
    column = np.empty(len(values), object)
    column[:] = values
    return Column(column)


def _column(values: Sequence[Fact | None]) -> Column:
    known = [value for value in values if value is not None]
    unknown = np.array([value is None for value in values])
    if all(isinstance(value, bool) for value in values):
        return Column(np.array(values, np.bool_))
    if any(isinstance(value, bool | str) for value in known):
        return _texts([None if value is None else _as_text(value) for value in values])
    if all(isinstance(value, int) and _INT32.min < value <= _INT32.max for value in known):
        return Column(np.array([value or 0 for value in values], np.int32), unknown)
    return Column(np.array([np.nan if value is None else value for value in values], np.float64))


def _as_text(value: Fact) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else as_texts(np.array([value]))[0]
