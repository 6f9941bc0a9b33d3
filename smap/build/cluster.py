"""An executor on a cluster of Dask distributed, on this machine or on many."""

from __future__ import annotations

import ipaddress
import logging
import os
import socket
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import urlsplit

from smap.build.engine import engine_digest
from smap.build.executors import peak_memory_mb
from smap.errors import MissingExtraError, StorageError, UsageError

__all__ = ["ClusterExecutor"]

Task = TypeVar("Task")
Result = TypeVar("Result")

_PATIENCE_S = 10
"""So long a scheduler may take to answer, and its workers to be there."""


class ClusterExecutor:
    """Work on the workers of a scheduler; what a worker had that dies is done again by another.

    Tasks and results go over the wire; terrain and sources must lie under the same path for all workers.
    UsageError: no cluster there, none of its workers, another version of S-Map on one, or a way that others
    could listen to. MissingExtraError: Dask is not installed.
    """

    def __init__(self, url: str) -> None:
        _check_url(url)
        self._url = url
        self._peaks: dict[tuple[str, int], float] = {}
        self._client = _client(url)
        try:
            threads = self._check_workers()
        except BaseException:
            self.close()
            raise
        self._ahead = 2 * threads + 2

    def map(self, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """The results in the order of the tasks; only a few tasks wait on the cluster at a time."""
        from distributed import CancelledError, KilledWorker
        from distributed.comm import CommClosedError

        waiting: deque[Any] = deque()
        todo = iter(tasks)
        try:
            waiting.extend(self._submit(work, task) for task in islice(todo, self._ahead))
            while waiting:
                who, peak, result = waiting.popleft().result()
                self._peaks[who] = max(peak, self._peaks.get(who, 0.0))
                waiting.extend(self._submit(work, task) for task in islice(todo, 1))
                yield result
        except KilledWorker:
            raise StorageError(
                f"--cluster {self._url}: one task ended several workers, most likely for want of memory"
            ) from None
        except (CancelledError, CommClosedError):
            raise StorageError(f"--cluster {self._url}: the scheduler went away; build again") from None

    def peak_memory_mb(self) -> float:
        """The sum of the peaks of this process and of every worker that has answered."""
        return peak_memory_mb() + sum(self._peaks.values())

    def close(self) -> None:
        """Drop what has not begun and take leave of the scheduler."""
        self._client.close(timeout=_PATIENCE_S)

    def _submit(self, work: Callable[[Any], Any], task: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a task of some megabytes is meant
            return self._client.submit(_run, work, task, pure=False)

    def _check_workers(self) -> int:
        """How many threads the workers have, all of whom are what we are."""
        try:
            self._client.wait_for_workers(1, timeout=_PATIENCE_S)
        except TimeoutError:
            raise UsageError(f"--cluster {self._url}: the scheduler has no workers: start some") from None
        try:
            found = self._client.run(engine_digest)
        except Exception as error:  # noqa: BLE001 (whatever a worker without us raises comes through here)
            raise UsageError(
                f"--cluster {self._url}: a worker cannot load S-Map: {_reason(error)}; install there what is "
                "installed here"
            ) from None
        odd = sorted(address for address, digest in found.items() if digest != _own_engine())
        if odd:
            raise UsageError(
                f"--cluster {self._url}: version mismatch: {len(odd)} of {len(found)} workers, as {odd[0]}, "
                "have another S-Map, Python or libraries than this process: install the same"
            )
        return sum(self._client.nthreads().values())


def _own_engine() -> str:
    return engine_digest()


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    try:
        is_whole = bool(parts.hostname) and parts.port is not None
    except ValueError:
        is_whole = False
    if parts.scheme not in ("tcp", "tls") or not is_whole:
        raise UsageError(f"--cluster {url}: not an address: say tls://HOST:PORT, or tcp://127.0.0.1:PORT")
    if parts.scheme == "tcp" and not _is_loopback(str(parts.hostname)):
        raise UsageError(
            f"--cluster {url}: plain tcp beyond this machine lets anyone on the way run code: start the "
            "cluster with TLS and say tls://"
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _client(url: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise MissingExtraError("smap build --cluster", "cluster") from error
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # its faults reach the user as ours
    try:
        return Client(url, timeout=_PATIENCE_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError, TypeError) as error:
        raise UsageError(f"--cluster {url}: no cluster answers there: {_reason(error)}") from None


def _reason(error: BaseException) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def _run(work: Callable[[Task], Result], task: Task) -> tuple[tuple[str, int], float, Result]:
    result = work(task)
    return (socket.gethostname(), os.getpid()), peak_memory_mb(), result
