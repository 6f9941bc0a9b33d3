"""Executors."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from smap.build.executors import Executor, ProcessExecutor, SerialExecutor, make_executor, peak_memory_mb
from smap.errors import FormatError, StorageError


def slow_first(task: int) -> int:
    time.sleep(0.2 if task == 0 else 0.0)
    return task * task


def refuse_three(task: int) -> int:
    if task == 3:
        raise FormatError("three is no tile")
    return task


def which_process(_: int) -> int:
    return os.getpid()


def die(_: int) -> int:
    os._exit(1)


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessExecutor]:
    with closing(ProcessExecutor(2)) as executor:
        yield executor


def test_results_come_in_the_order_of_the_tasks(processes: ProcessExecutor) -> None:
    for executor in (SerialExecutor(), processes):
        assert list(executor.map(slow_first, range(20))) == [n * n for n in range(20)]


def test_an_error_of_a_task_comes_back_as_it_is(processes: ProcessExecutor) -> None:
    for executor in (SerialExecutor(), processes):
        with pytest.raises(FormatError, match="three is no tile"):
            list(executor.map(refuse_three, range(9)))


def test_workers_start_once_and_are_other_processes(processes: ProcessExecutor) -> None:
    first = set(processes.map(which_process, range(8)))
    again = set(processes.map(which_process, range(8)))
    assert os.getpid() not in first
    assert len(first | again) <= 2


def test_only_a_few_tasks_wait_in_memory(processes: ProcessExecutor) -> None:
    begun: list[int] = []

    def tasks() -> Iterator[int]:
        for n in range(100):
            begun.append(n)
            yield n

    next(processes.map(slow_first, tasks()))
    assert len(begun) < 12


def test_the_peaks_of_workers_are_added(processes: ProcessExecutor) -> None:
    list(processes.map(slow_first, range(4)))
    assert processes.peak_memory_mb() > peak_memory_mb() > 10.0
    assert SerialExecutor().peak_memory_mb() == pytest.approx(peak_memory_mb(), rel=0.01)


def test_a_worker_that_dies_is_told_in_one_line() -> None:
    with closing(ProcessExecutor(1)) as executor, pytest.raises(StorageError, match="worker process died"):
        list(executor.map(die, range(2)))


def test_one_job_needs_no_process() -> None:
    executor: Executor = make_executor(1)
    assert isinstance(executor, SerialExecutor)
    executor.close()


_PARENT = """
import os, time
from smap.build.executors import ProcessExecutor
from tests.build.test_executors import deafness
if __name__ == "__main__":
    executor = ProcessExecutor(2)
    found = list(executor.map(deafness, range(8)))
    print(all(deaf for _, deaf in found), *{pid for pid, _ in found}, flush=True)
    time.sleep(60)
"""


_THREADS = """
import os, sys, threading
from smap.build.executors import ProcessExecutor
from tests.build.test_executors import parent_of
if __name__ == "__main__":
    ended = threading.Event()
    if "busy" in sys.argv:
        threading.Thread(target=ended.wait).start()
    executor = ProcessExecutor(2)
    print(set(executor.map(parent_of, range(8))) == {os.getpid()})
    executor.close()
    ended.set()
"""


def parent_of(_: int) -> int:
    return os.getppid()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux tells of threads")
def test_workers_are_forked_only_where_there_is_one_thread(tmp_path: Path) -> None:
    script = tmp_path / "threads.py"
    script.write_text(_THREADS)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    told = [
        subprocess.run(
            [sys.executable, script, *words], capture_output=True, text=True, env=environment, check=True
        ).stdout
        for words in ([], ["busy"])
    ]
    assert told == ["True\n", "False\n"]


def deafness(_: int) -> tuple[int, bool]:
    time.sleep(0.1)
    return os.getpid(), signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_workers_are_deaf_to_ctrl_c_and_end_with_a_killed_parent(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(_PARENT)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        assert parent.stdout is not None
        deaf, *pids = parent.stdout.readline().split()
        parent.kill()
        parent.wait()
        deadline = time.monotonic() + 10.0
        while (left := [p for p in pids if Path(f"/proc/{p}").exists()]) and time.monotonic() < deadline:
            time.sleep(0.05)
    assert (deaf, left) == ("True", [])
