from __future__ import annotations

from collections.abc import Iterator

import pytest

from smap import errors
from smap.content.access import TooManyAttemptsError
from smap.errors import SmapError
from smap.server.errors import STATUS_OF, refuse, status_of


def family(kind: type[SmapError]) -> Iterator[type[SmapError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from family(child)


def made(kind: type[SmapError]) -> SmapError:
    error = kind.__new__(kind)
    Exception.__init__(error, "why")
    return error


@pytest.mark.parametrize("kind", list(family(SmapError)))
def test_every_error_of_ours_has_a_status(kind: type[SmapError]) -> None:
    assert 400 <= status_of(made(kind)) <= 599


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.ValidationError, 422),
        (errors.NotFoundError, 404),
        (errors.ConflictError, 412),
        (errors.AccessError, 403),
        (TooManyAttemptsError, 403),
        (errors.FormatError, 400),
        (errors.StorageError, 503),
        (errors.MissingExtraError, 501),
    ],
)
def test_the_nearest_class_in_the_table_decides(kind: type[SmapError], status: int) -> None:
    assert status_of(made(kind)) == status


def test_the_table_names_errors_of_the_tree_only() -> None:
    assert set(STATUS_OF) <= set(family(SmapError))


def test_a_refusal_is_kept_by_no_cache() -> None:
    answer = refuse(STATUS_OF[errors.NotFoundError], "골목이 없습니다")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.body == '{"code":"not_found","message":"골목이 없습니다"}'.encode()
