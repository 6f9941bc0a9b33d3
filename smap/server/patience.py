"""HTTP/1.1 as uvicorn speaks it, but whoever does not finish a request's head is let go.

uvicorn waits for ever for the first request of a connection and, once one byte of the next has come, for its
rest too: a few thousand such connections, each nearly free for the other side, would use up our sockets
(slowloris, 2009).
"""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["HEAD_PATIENCE_S", "PatientProtocol"]

#: From the connection, or from the answer before, to the end of the next request's head.
HEAD_PATIENCE_S = 20.0


class PatientProtocol(H11Protocol):
    """One connection; its clock runs while a head is awaited."""

    _clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock."""
        super().connection_made(transport)
        self._start()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop it."""
        self._stop()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Start it anew: the next head may come."""
        self._start()
        super().on_response_complete()

    def _start(self) -> None:
        self._stop()
        self._clock = self.loop.call_later(HEAD_PATIENCE_S, self._give_up)

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.cancel()

    def _give_up(self) -> None:
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self.transport.abort()
