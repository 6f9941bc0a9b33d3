"""Progress on stderr: a bar for each stage that lasts; quiet for what is over at once."""

from __future__ import annotations

import sys
from typing import Self

from tqdm import tqdm

__all__ = ["BarProgress"]

SECONDS_BEFORE_A_BAR = 1.0


class BarProgress:
    """One bar after another, drawn by tqdm; nothing is drawn for a stage shorter than a second.

    A context: whatever ends it, the bar is gone before anybody writes the next line.
    """

    def __init__(self) -> None:
        self._bar: tqdm[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *how: object) -> None:
        self.finish()

    def start(self, stage: str, total: int | None) -> None:
        """Begin a stage of `total` steps (None: unknown)."""
        self.finish()
        self._bar = tqdm(
            total=total,
            desc=stage,
            file=sys.stderr,
            delay=SECONDS_BEFORE_A_BAR,
            leave=False,
            dynamic_ncols=True,
        )

    def step(self, n: int = 1) -> None:
        """Count n finished steps."""
        if self._bar is not None:
            self._bar.update(n)

    def finish(self) -> None:
        """End the stage."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
