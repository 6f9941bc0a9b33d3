"""The error tree: what can go wrong, in our own words. No HTTP, no third-party names.

SmapError                     a clear line: what, where, which value, what to do
├── UsageError                the command or request itself is wrong
│   ├── RecipeError           a recipe says something that cannot be built
│   └── MissingExtraError     the work needs an extra that is not installed
├── InputError                a file or body that cannot be read as what it should be
│   ├── FormatError           bytes that break the specification they claim
│   ├── CrsError              a coordinate reference system that is unknown, contradicted or out of its area
│   └── GeoidError            a height that cannot be converted because no grid covers it
├── StorageError              the disk is full, read-only, or a store is damaged
├── InterruptedWorkError      the work was stopped before its end (SIGINT, SIGTERM)
└── ContentError              the content refuses
    ├── ValidationError       a record that breaks its model; holds every fault
    ├── NotFoundError         no such record, layer, tileset or release
    ├── ConflictError         somebody else saved in between (If-Match)
    └── AccessError           not signed in, or not allowed
        └── TooManyAttemptsError  too many failed logins; holds the seconds to wait
"""

from __future__ import annotations

__all__ = [
    "AccessError",
    "ConflictError",
    "ContentError",
    "CrsError",
    "FormatError",
    "GeoidError",
    "InputError",
    "InterruptedWorkError",
    "MissingExtraError",
    "NotFoundError",
    "RecipeError",
    "SmapError",
    "StorageError",
    "TooManyAttemptsError",
    "UsageError",
    "ValidationError",
]


class SmapError(Exception):
    """Anything that S-Map says no to; its text is one line for people."""


class UsageError(SmapError):
    """The command or request itself is wrong."""


class RecipeError(UsageError):
    """A recipe says something that cannot be built."""


class MissingExtraError(UsageError):
    """The work needs an extra that is not installed."""

    def __init__(self, work: str, extra: str) -> None:
        super().__init__(f"{work} needs the extra '{extra}': install it with  pip install 'smap[{extra}]'")


class InputError(SmapError):
    """A file or body that cannot be read as what it should be."""


class FormatError(InputError):
    """Bytes that break the specification they claim."""


class CrsError(InputError):
    """A coordinate reference system that is unknown, contradicted or out of its area."""


class GeoidError(InputError):
    """A height that cannot be converted because no grid covers it."""


class StorageError(SmapError):
    """The disk is full, read-only, or a store is damaged."""


class InterruptedWorkError(SmapError):
    """The work was stopped before its end."""


class ContentError(SmapError):
    """The content refuses."""


class ValidationError(ContentError):
    """A record that breaks its model; `faults` holds one line for each fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class NotFoundError(ContentError):
    """No such record, layer, tileset or release."""


class ConflictError(ContentError):
    """Somebody else saved in between."""


class AccessError(ContentError):
    """Not signed in, or not allowed."""


class TooManyAttemptsError(AccessError):
    """Too many failed logins of this account or this client; wait `retry_after_s` seconds."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"too many failed attempts to sign in: try again in {retry_after_s} s")
        self.retry_after_s = retry_after_s
