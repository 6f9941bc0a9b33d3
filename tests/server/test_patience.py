from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from smap.server import patience
from smap.server.main import listen

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


async def told(*pieces: bytes, pause_s: float) -> bytes:
    """What a client hears that sends the pieces with a pause before each, until the server hangs up."""
    config = uvicorn.Config(
        PlainTextResponse("답"), http=patience.PatientProtocol, log_config=None, timeout_keep_alive=1
    )
    server = uvicorn.Server(config)
    listening = listen("127.0.0.1", 0)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        await asyncio.sleep(0.01)
    reader, writer = await asyncio.open_connection(*listening.getsockname())
    heard = b""
    with suppress(ConnectionError):
        for piece in pieces:
            await asyncio.sleep(pause_s)
            writer.write(piece)
        while chunk := await asyncio.wait_for(reader.read(65536), 10):
            heard += chunk
    writer.close()
    server.should_exit = True
    await serving
    listening.close()
    return heard


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "HEAD_PATIENCE_S", 0.4)


@pytest.mark.parametrize("pieces", [(), (HEAD,), (b"G",)])
def test_whoever_never_finishes_a_head_is_let_go(pieces: tuple[bytes, ...]) -> None:
    assert asyncio.run(told(*pieces, pause_s=0.01)) == b""


def test_a_head_in_pieces_in_time_is_answered_and_then_the_next_may_come() -> None:
    heard = asyncio.run(told(HEAD, b"\r\n", HEAD + b"\r\n", HEAD + b"\r\n", pause_s=0.15))
    assert heard.count(b"HTTP/1.1 200 OK") == 3


def test_a_second_head_that_never_ends_is_given_up_too() -> None:
    heard = asyncio.run(told(HEAD + b"\r\n", b"G", pause_s=0.05))
    assert heard.count(b"HTTP/1.1 200 OK") == 1
