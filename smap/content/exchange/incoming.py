"""A feature on its way in, with the rows that it was made of. Pure data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smap.content.geometry import Fault

__all__ = ["Incoming"]


@dataclass(frozen=True)
class Incoming:
    """A feature that is not yet checked, and the places of its rows in the file from 1.

    `fault`: what forbids it whatever the check says; `notes`: what was mended or left out, to be counted.
    """

    feature: object
    ordinals: Sequence[int]
    fault: Fault | None = None
    notes: Sequence[str] = ()
