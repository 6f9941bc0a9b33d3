"""Executors: one function over many tasks, here or in several processes, results in the order of tasks."""

from __future__ import annotations

import gc
import multiprocessing
import os
import resource
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from importlib import import_module
from itertools import islice
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any, Protocol, TypeVar

from smap.errors import StorageError

__all__ = [
    "Executor",
    "ProcessExecutor",
    "SerialExecutor",
    "keep_one_thread",
    "make_executor",
    "peak_memory_mb",
]

_THREADS = "OPENBLAS_NUM_THREADS"
_NO_THREADS = {_THREADS: "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}

Task = TypeVar("Task")
Result = TypeVar("Result")


class Executor(Protocol):
    """Runs work(task) for every task. work must be a module's function, task and result plain data."""

    def map(self, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """The results in the order of the tasks; an error of a task is raised here."""

    def peak_memory_mb(self) -> float:
        """The sum of the peaks of the resident memory of this process and all workers so far, in MB."""

    def close(self) -> None:
        """Let the workers go; what they had not begun is dropped."""


class SerialExecutor:
    """All work in this process."""

    def map(self, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """The results in the order of the tasks, each made when it is asked for."""
        return map(work, tasks)

    def peak_memory_mb(self) -> float:
        """The peak of this process."""
        return peak_memory_mb()

    def close(self) -> None:
        """Nothing to let go."""


class ProcessExecutor:
    """Work in processes that start once, before there are threads and open files to inherit.

    They have the modules named loaded: forked from this process where it has one thread, so that they are
    loaded once for all; else from a server process that loads them while this one goes on.
    """

    def __init__(self, jobs: int, modules: Sequence[str] = ()) -> None:
        self._ahead = 2 * jobs + 2
        self._peaks: dict[int, float] = {}
        self._pool = ProcessPoolExecutor(jobs, _context(modules), _begin_worker)
        _start_deaf_to_interruption(self._pool, jobs)

    def map(self, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """The results in the order of the tasks; only a few tasks wait in memory at a time."""
        waiting: deque[Future[tuple[int, float, Result]]] = deque()
        todo = iter(tasks)
        try:
            waiting.extend(self._submit(work, task) for task in islice(todo, self._ahead))
            while waiting:
                pid, peak, result = waiting.popleft().result()
                self._peaks[pid] = max(peak, self._peaks.get(pid, 0.0))
                waiting.extend(self._submit(work, task) for task in islice(todo, 1))
                yield result
        except BrokenProcessPool:
            raise StorageError(
                "a worker process died, most likely for want of memory: build with --jobs 1"
            ) from None

    def peak_memory_mb(self) -> float:
        """The sum of the peaks of this process and of every worker that has answered."""
        return peak_memory_mb() + sum(self._peaks.values())

    def close(self) -> None:
        """Drop what has not begun and wait for what has."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _submit(self, work: Callable[[Any], Any], task: Any) -> Future[Any]:
        return self._pool.submit(_run, work, task)


def keep_one_thread() -> None:
    """What is loaded from now on starts no threads (numpy, pyarrow), so that workers can be forked from here.

    Each core has a process of its own already.
    """
    for name, value in _NO_THREADS.items():
        os.environ.setdefault(name, value)


def make_executor(jobs: int | None, modules: Sequence[str] = ()) -> Executor:
    """An executor with so many processes (None: one for each core this process may use).

    modules: what its workers load before they are asked to work.
    """
    count = jobs or len(os.sched_getaffinity(0))
    return SerialExecutor() if count == 1 else ProcessExecutor(count, modules)


def peak_memory_mb() -> float:
    """The peak of the resident memory of this process in MB (10^6 bytes).

    Linux tells it as VmHWM; ru_maxrss would carry the parent's over the start of a worker (getrusage(2)).
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def _context(modules: Sequence[str]) -> BaseContext:
    if not _has_one_thread():
        server = multiprocessing.get_context("forkserver")
        server.set_forkserver_preload(["smap.build.executors", *modules])
        return server
    for name in modules:
        import_module(name)
    if not _has_one_thread():  # a library began some
        return multiprocessing.get_context("forkserver")
    gc.freeze()  # else the first collection in a worker would copy all that is shared
    return multiprocessing.get_context("fork")


def _has_one_thread() -> bool:
    """Whether this process may be forked: what other threads hold would be held for ever in the child.

    Threads of libraries count, so the system is asked; only Linux tells.
    """
    tasks = Path("/proc/self/task")
    return tasks.exists() and len(list(tasks.iterdir())) == 1


def _start_deaf_to_interruption(pool: ProcessPoolExecutor, jobs: int) -> None:
    """Workers inherit the blocked signal: at Ctrl-C only this process answers, and lets them go."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with _one_thread_each():
            for _ in range(jobs):
                pool.submit(os.getpid)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Processes begun meanwhile multiply matrices by one thread: each core has its process already."""
    before = os.environ.get(_THREADS)
    os.environ[_THREADS] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_THREADS]
        else:
            os.environ[_THREADS] = before


def _begin_worker() -> None:
    """Deaf to Ctrl-C, also where the pool starts a worker later; gone when the parent is."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _run(work: Callable[[Task], Result], task: Task) -> tuple[int, float, Result]:
    result = work(task)
    return os.getpid(), peak_memory_mb(), result
