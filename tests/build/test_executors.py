"""Executors."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing

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
