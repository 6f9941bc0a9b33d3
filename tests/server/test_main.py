from __future__ import annotations

import asyncio
import socket

from smap.server.main import listen


def test_answers_are_sent_at_once() -> None:
    """Head and body are two writes: with Nagle's algorithm the second would wait for an acknowledgement."""

    async def nodelay() -> int:
        told: asyncio.Queue[int] = asyncio.Queue()

        def connected(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted = writer.get_extra_info("socket")
            told.put_nowait(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listening = listen("127.0.0.1", 0)
        async with await asyncio.start_server(connected, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            found = await told.get()
            writer.close()
            await writer.wait_closed()
        return found

    assert asyncio.run(nodelay()) == 1
