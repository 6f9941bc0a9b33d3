"""Coded issues: what is wrong, how badly, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from smap.errors import SmapError
from smap.store import TileReader

__all__ = ["CheckReport", "Findings", "Issue", "Severity", "stored_bytes"]

Severity = Literal["error", "warning"]


@dataclass(frozen=True, order=True)
class Issue:
    """One fault. path: the file, and after # the place inside it."""

    path: str
    code: str
    severity: Severity
    message: str


@dataclass
class Findings:
    """Gathers the issues of one file; `place` are paths inside it, such as /root/children/0."""

    file: str
    issues: list[Issue] = field(default_factory=list)

    def error(self, code: str, place: str, message: str) -> None:
        """Something that breaks a specification."""
        self._add(code, "error", place, message)

    def warning(self, code: str, place: str, message: str) -> None:
        """Something lawful that clients draw badly or slowly."""
        self._add(code, "warning", place, message)

    def _add(self, code: str, severity: Severity, place: str, message: str) -> None:
        self.issues.append(Issue(f"{self.file}#{place}" if place else self.file, code, severity, message))


def stored_bytes(reader: TileReader, name: str, findings: Findings) -> bytes | None:
    """The plain bytes of a tile that the store names; None and an issue where it is damaged."""
    try:
        tile = reader.get(name)
        if tile is not None:
            return tile.identity()
        findings.error("ENTRY_DAMAGED", "", "the archive's directory names it, its index does not")
    except SmapError as error:
        findings.error("ENTRY_DAMAGED", "", str(error))
    return None


@dataclass(frozen=True)
class CheckReport:
    """All issues, by path; checked: the files that were read."""

    issues: tuple[Issue, ...]
    checked: int

    @classmethod
    def of(cls, issues: Iterable[Issue], checked: int) -> CheckReport:
        """The report of issues in any order, each told once."""
        return cls(tuple(sorted(set(issues))), checked)

    @property
    def errors(self) -> int:
        """How many issues are errors."""
        return sum(issue.severity == "error" for issue in self.issues)

    @property
    def warnings(self) -> int:
        """How many issues are warnings."""
        return len(self.issues) - self.errors
