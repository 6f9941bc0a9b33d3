"""What a builder may use while it works: where, how many processes, who hears of progress, and a clock."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from smap.build.executors import Executor
from smap.build.progress import Progress
from smap.build.recipe import Recipe

__all__ = ["Clock", "Work", "give_back_memory"]


@dataclass
class Clock:
    """Seconds by stage, in the order the stages first began."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time inside to this stage (again and again adds up)."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began


@dataclass(frozen=True)
class Work:
    """scratch: a folder for files in between, on the disk of the output, removed after the build.

    built: the folder of a build of another recipe that this one needs, built first if it is not yet.
    force: nothing that is kept from earlier builds may be used.
    """

    workspace: Path
    scratch: Path
    executor: Executor
    progress: Progress
    clock: Clock
    built: Callable[[Recipe], Path]
    force: bool = False


def give_back_memory() -> None:
    """Freed memory that the allocator keeps goes back to the system: of a large city a third.

    Only glibc knows how (malloc_trim(3)); elsewhere nothing happens.
    """
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)
