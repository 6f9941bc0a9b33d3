"""Coded issues: what is wrong, how badly, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["CheckReport", "Findings", "Issue", "Severity"]

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
