"""Finding records by name: contains, in Korean, English and hanja, best first."""

from __future__ import annotations

from sqlalchemy import Engine

from smap.content.record import Hit

__all__ = ["search"]


def search(
    engine: Engine, q: str, *, lang: str | None = None, limit: int = 20, drafts: bool = False
) -> list[Hit]:
    """Give the records whose names contain every word of `q`, best first.

    Exact names before names that begin with `q`, before words that begin with it, before the rest; case does
    not matter; an empty `q` finds nothing. `lang` ("ko" or "en") puts hits in that language's names first.
    Errors: UsageError where `q` is longer than 100 characters.
    """
    raise NotImplementedError
