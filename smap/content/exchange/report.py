"""What an import did: counts that add up, and the first faults of each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from smap.content.exchange.incoming import Incoming
from smap.content.geometry import Fault

__all__ = ["ImportReport", "Refusal"]

KEPT = 3
"""Refusals of each kind that are kept; of all there may be as many as rows."""
NOT_WRITTEN = "not_written"
"""Counts the sound rows of an import that was given up because of the others."""


@dataclass(frozen=True)
class Refusal:
    """A feature that was not imported: its place in the file from 1, its id if any, and what is wrong."""

    ordinal: int
    id: str
    faults: Sequence[Fault]

    def __str__(self) -> str:
        name = f"feature {self.ordinal}" + (f" ({self.id})" if self.id else "")
        return f"{name}: {'; '.join(fault.line for fault in self.faults)}"


@dataclass
class ImportReport:
    """What an import did, in rows of the file; read = written + updated + skipped + all that was refused.

    `records`: how many records those rows are (several rows may be one place); `completed`: records that were
    there under another id and got fields that they lacked; `mended`: rows whose values were set right or
    left out, by kind; `number`: of the import in the audit log, None where nothing was changed.
    """

    read: int = 0
    written: int = 0
    updated: int = 0
    skipped: int = 0
    records: int = 0
    completed: int = 0
    number: int | None = None
    refused: dict[str, int] = field(default_factory=dict)
    mended: dict[str, int] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    _kept: Counter[str] = field(default_factory=Counter)

    def refuse(self, item: Incoming, id: str, faults: Sequence[Fault]) -> None:
        """Count a feature that is refused, by the code of its first fault; keep the first few of a kind."""
        code = faults[0].code
        self.refused[code] = self.refused.get(code, 0) + len(item.ordinals)
        self._kept[code] += 1
        if self._kept[code] <= KEPT:
            self.refusals.append(Refusal(item.ordinals[0], id, faults))

    def mend(self, notes: Sequence[str]) -> None:
        """Count what was set right or left out."""
        for note in notes:
            self.mended[note] = self.mended.get(note, 0) + 1

    def give_up(self) -> None:
        """Say of what was sound that it was not written either."""
        sound = self.written + self.updated + self.skipped
        if sound:
            self.refused[NOT_WRITTEN] = sound
        self.written = self.updated = self.skipped = self.records = self.completed = 0

    @property
    def faulty(self) -> int:
        """How many rows were refused."""
        return sum(self.refused.values())

    def as_json(self) -> dict[str, Any]:
        """Give the counts by the names that outside checks rely on."""
        counts = {name: getattr(self, name) for name in ("read", "written", "updated", "skipped")}
        rest = {"records": self.records, "completed": self.completed, "mended": self.mended}
        return counts | {"refused": dict(sorted(self.refused.items()))} | rest | {"import": self.number}
