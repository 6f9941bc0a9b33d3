from __future__ import annotations

from http import HTTPStatus

import anyio
import pytest
from starlette.requests import Request
from starlette.types import Message, Receive

from smap.server import body
from smap.server.errors import Refusal

SCOPE = {"type": "http", "method": "POST", "headers": [(b"content-type", b"application/json")]}


def read(receive: Receive) -> object:
    async def once() -> object:
        return await body.read_json(Request(SCOPE, receive))

    return anyio.run(once)


def test_a_body_may_come_in_pieces() -> None:
    pieces = iter([b'{"a"', b": [1", b"]}"])

    async def receive() -> Message:
        piece = next(pieces)
        return {"type": "http.request", "body": piece, "more_body": not piece.endswith(b"}")}

    assert read(receive) == {"a": [1]}


def test_a_body_that_breaks_off_is_no_fault_of_ours() -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    with pytest.raises(Refusal) as caught:
        read(receive)
    assert caught.value.status_code == HTTPStatus.BAD_REQUEST


def test_a_body_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "PATIENCE_S", 0.05)

    async def receive() -> Message:
        await anyio.sleep(0.02)
        return {"type": "http.request", "body": b" ", "more_body": True}

    with pytest.raises(Refusal) as caught:
        read(receive)
    assert caught.value.status_code == HTTPStatus.REQUEST_TIMEOUT
