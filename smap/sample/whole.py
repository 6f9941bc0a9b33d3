"""The whole sample, landmarks and all: its parts are made side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from smap.sample.enclosure import write_enclosures
from smap.sample.facts import ERAS
from smap.sample.horizon import write_horizon
from smap.sample.landmarks import (
    FACTS,
    gates,
    outlines,
    read_landmarks,
    write_landmark,
    write_recipes,
)
from smap.sample.precinct import read_precincts, write_precincts
from smap.sample.rampart import write_rampart
from smap.sample.waterways import write_waterways
from smap.sample.write import Site, houses_of, make_site, treeless, write_houses, write_site

__all__ = ["Each", "write_whole"]

Task = TypeVar("Task")
Result = TypeVar("Result")


class Each(Protocol):
    """As `map`: results in the order of the tasks, here or in other processes."""

    def __call__(self, work: Callable[[Task], Result], tasks: Iterable[Task], /) -> Iterator[Result]:
        """work(task) of each."""


def write_whole(facts: Path, content: Path, out: Path, each: Each = map) -> list[Path]:
    """Write the sources of all that the sample has into `out`; the recipes to build, in order.

    facts, content: the folders of the written facts and of the curated records.
    """
    landmarks = read_landmarks(facts / FACTS)
    models = [partial(write_landmark, one, out) for one in landmarks]
    tasks: list[Callable[[], Any]] = [partial(make_site, facts, content, outlines), *models]
    site, *_ = each(_done, tasks)
    recipes = each(_done, _parts(site, facts, content, out))
    return [*(path for found in recipes for path in found), *write_recipes(landmarks, out)]


def _parts(site: Site, facts: Path, content: Path, out: Path) -> list[Callable[[], list[Path]]]:
    """What can be made once the site is known: the ground's recipe is built first, long work begins early."""
    return [
        partial(_ground, site, facts, out),
        *(partial(_houses, site, era, facts, content, out) for era in ERAS),
        partial(_precincts, site, facts, out),
        partial(_rampart, site, facts, out),
        partial(_enclosures, site, facts, out),
        partial(write_waterways, site.facts, site.ground, out),
        partial(write_horizon, facts, site.facts, site.ground, out),
    ]


def _done(task: Callable[[], Any]) -> Any:
    return task()


def _ground(site: Site, facts: Path, out: Path) -> list[Path]:
    return [write_site(site, facts, out)]


def _houses(site: Site, era: str, facts: Path, content: Path, out: Path) -> list[Path]:
    houses = houses_of(site, era, facts, content, outlines)
    return [write_houses(site.facts, houses, era, facts, out)]


def _precincts(site: Site, facts: Path, out: Path) -> list[Path]:
    closed = treeless(site, facts)
    return write_precincts(read_precincts(facts), site.facts.plane, site.ground, closed, out)


def _rampart(site: Site, facts: Path, out: Path) -> list[Path]:
    return write_rampart(site.course, site.facts.plane, site.ground, gates(facts), out)


def _enclosures(site: Site, facts: Path, out: Path) -> list[Path]:
    known = read_landmarks(facts / FACTS)
    return write_enclosures(site.facts.courts, known, site.facts.plane, site.ground, out)
