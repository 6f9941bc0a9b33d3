"""Progress: how a build tells what it is doing, without knowing who listens."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Progress", "SilentProgress"]


class Progress(Protocol):
    """Hears of stages one after the other; the command line draws bars, tests listen or stay silent."""

    def start(self, stage: str, total: int | None) -> None:
        """A stage begins; total: how many steps it has, None when nobody knows yet."""

    def step(self, n: int = 1) -> None:
        """So many steps of the stage are done."""

    def finish(self) -> None:
        """The stage is over."""


class SilentProgress:
    """Progress that nobody hears."""

    def start(self, stage: str, total: int | None) -> None:
        """Nothing."""

    def step(self, n: int = 1) -> None:
        """Nothing."""

    def finish(self) -> None:
        """Nothing."""
