"""A real Dask cluster of two workers: the same bytes, also when one is killed; and what is refused."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from smap.build import pipeline
from smap.build.cluster import ClusterExecutor
from smap.build.progress import SilentProgress
from smap.errors import SmapError, StorageError, UsageError
from tests.build.town import house, recipe_text, write_town

pytest.importorskip("distributed", reason="needs the extra 'cluster'")

ROOT = Path(__file__).parents[2]


@contextmanager
def running(*words: str, ready: str, folder: Path = ROOT) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process of Dask's command line, once it has said what shows that it is ready.

    folder: where it runs and first looks for modules.
    """
    paths = os.pathsep.join(map(str, [folder, *filter(None, [os.environ.get("PYTHONPATH")])]))
    command = [sys.executable, "-m", *words]
    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": paths},
    ) as process:
        try:
            assert process.stderr is not None
            said = next((m for line in process.stderr if (m := re.search(ready, line))), None)
            assert said is not None, f"{words}: ended before it was ready"
            yield process, said[1]
        finally:
            process.kill()


@contextmanager
def mortal_scheduler() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A scheduler's process and its address."""
    words = ("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    with running(*words, ready=r"Scheduler at:\s+(tcp://\S+)") as found:
        yield found


@contextmanager
def scheduler() -> Iterator[str]:
    with mortal_scheduler() as (_, url):
        yield url


@contextmanager
def worker(url: str, folder: Path = ROOT) -> Iterator[subprocess.Popen[str]]:
    words = ("distributed.cli.dask_worker", url, "--nthreads", "1", "--no-nanny", "--no-dashboard")
    with running(*words, ready=r"(Registered to)", folder=folder) as (process, _):
        yield process


@pytest.fixture(scope="module")
def cluster() -> Iterator[tuple[str, list[subprocess.Popen[str]]]]:
    with scheduler() as url, worker(url) as one, worker(url) as other:
        yield url, [one, other]


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of several partitions."""
    monkeypatch.setattr("smap.build.planning.MOST_BUILDINGS", 300)
    monkeypatch.setattr("smap.build.planning.LEAF_TRIANGLES", 1_000)
    write_town(tmp_path, [house(i) for i in range(3_000)])
    (tmp_path / "town.toml").write_text(recipe_text(), encoding="utf-8")
    return tmp_path


def build(town: Path, place: str, *, cluster: str | None, progress: SilentProgress) -> bytes:
    pipeline.build(
        town / "town.toml",
        workspace=town / place,
        out=town / place / "out",
        jobs=1,
        cluster=cluster,
        progress=progress,
    )
    return (town / place / "out" / "town.3tz").read_bytes()


class Killer(SilentProgress):
    """Kills a worker when the tenth tile is there."""

    def __init__(self, victim: subprocess.Popen[str]) -> None:
        self._victim = victim
        self.tiles = 0

    def start(self, stage: str, total: int | None) -> None:
        self.tiles = 0

    def step(self, n: int = 1) -> None:
        self.tiles += n
        if self.tiles == 10:
            os.kill(self._victim.pid, signal.SIGKILL)


def test_two_workers_give_the_same_bytes_also_when_one_is_killed(
    town: Path, cluster: tuple[str, list[subprocess.Popen[str]]]
) -> None:
    url, workers = cluster
    alone = build(town, "alone", cluster=None, progress=SilentProgress())
    assert build(town, "together", cluster=url, progress=SilentProgress()) == alone
    killer = Killer(workers[0])
    assert build(town, "bereft", cluster=url, progress=killer) == alone
    assert workers[0].wait(timeout=10) == -signal.SIGKILL
    assert killer.tiles > 50


def refuse_three(task: int) -> int:
    if task == 3:
        raise UsageError("three is no tile")
    return task


def test_errors_of_tasks_come_back_as_they_are(cluster: tuple[str, list[subprocess.Popen[str]]]) -> None:
    with closing(ClusterExecutor(cluster[0])) as executor, pytest.raises(UsageError, match="three is no"):
        list(executor.map(refuse_three, range(9)))


@pytest.mark.parametrize("url", ["tcp://10.1.2.3:8786", "tcp://example.org:8786", "tcp://0.0.0.0:8786"])
def test_plain_tcp_is_for_this_machine_alone(url: str) -> None:
    with pytest.raises(UsageError, match="TLS"):
        ClusterExecutor(url)


@pytest.mark.parametrize("url", ["nonsense", "http://127.0.0.1:8786", "tls://", "tcp://127.0.0.1:x"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="not an address"):
        ClusterExecutor(url)


def test_where_no_cluster_is_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smap.build.cluster._PATIENCE_S", 1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SmapError, match="no cluster answers") as refusal:
        ClusterExecutor(f"tcp://127.0.0.1:{port}")
    assert "\n" not in str(refusal.value)


def test_a_scheduler_without_workers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smap.build.cluster._PATIENCE_S", 1)
    with scheduler() as url, pytest.raises(UsageError, match="no workers"):
        ClusterExecutor(url)


def test_a_worker_of_another_version_is_refused(
    cluster: tuple[str, list[subprocess.Popen[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smap.build.cluster._own_engine", lambda: "another")
    with pytest.raises(UsageError, match="version mismatch"):
        ClusterExecutor(cluster[0])


def test_a_worker_that_cannot_load_us_is_refused(tmp_path: Path) -> None:
    """There stands another package of our name, which has none of our rooms."""
    (tmp_path / "smap").mkdir()
    (tmp_path / "smap" / "__init__.py").touch()
    told = r"a worker cannot load S-Map: .*No module named 'smap\.build'.*; install there what is installed"
    with scheduler() as url, worker(url, tmp_path):
        with pytest.raises(UsageError, match=told) as refusal:
            ClusterExecutor(url)
        assert "\n" not in str(refusal.value)


def end_here(task: int) -> int:
    os._exit(task)


def test_a_task_that_ends_its_workers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    with scheduler() as url, worker(url), worker(url), closing(ClusterExecutor(url)) as executor:
        with pytest.raises(StorageError, match="ended several workers") as refusal:
            list(executor.map(end_here, [1]))
        assert "\n" not in str(refusal.value)


def test_a_scheduler_that_goes_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smap.build.cluster._PATIENCE_S", 3)
    with (
        mortal_scheduler() as (process, url),
        worker(url),
        closing(ClusterExecutor(url)) as executor,
    ):
        found = executor.map(wait_a_little, range(100))
        assert next(found) == 0
        process.kill()
        with pytest.raises(StorageError, match="scheduler went away"):
            list(found)


def wait_a_little(task: int) -> int:
    time.sleep(0.2)
    return task
