"""Running the application under uvicorn: one process or several on one listening socket."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from typing import Any, NoReturn

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from smap.content.declared import read_layers
from smap.errors import UsageError
from smap.server.app import create_app
from smap.server.patience import PatientProtocol
from smap.settings import Settings, environment_of, read_settings

__all__ = ["app_from_environment", "listen", "serve", "url_of"]

#: Longest queue of connections not yet accepted; uvicorn's own default.
BACKLOG = 2048

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "smap": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "uvicorn": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
    },
}


def app_from_environment() -> ASGIApp:
    """The application of a worker process, which gets its settings through the environment."""
    return create_app(read_settings())


def serve(settings: Settings, *, announce: Callable[[str], None]) -> None:
    """Listen and serve until a signal ends it; `announce` gets the real address once it can be opened.

    UsageError where the address cannot be had; RecipeError and InputError for a layer that is declared
    amiss, told here once and not by each worker.
    """
    read_layers(settings.workspace)
    listening = listen(settings.host, settings.port)
    signal.signal(signal.SIGTERM, _leave)
    try:
        announce(url_of(settings.host, listening.getsockname()[1]))
        os.environ.update(environment_of(settings))
        config = _config(settings)
        if settings.workers > 1:
            Multiprocess(config, sockets=[listening]).run()
        else:
            uvicorn.Server(config).run(sockets=[listening])
    finally:
        listening.close()


def _leave(_number: int, _frame: object) -> NoReturn:
    """uvicorn raises the signal again when it has shut down; being asked to end is no failure."""
    raise SystemExit(0)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. UsageError: port in use, not allowed, or no such address here."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, port))
        opened.listen(BACKLOG)
    except OSError as error:
        opened.close()
        reason = error.strerror or str(error)
        raise UsageError(
            f"cannot listen on {host} port {port}: {reason}; choose another with --port"
        ) from None
    opened.set_inheritable(True)
    return opened


def url_of(host: str, port: int) -> str:
    """The address to open; of a server on every interface, the one on this machine."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}/"


def _config(settings: Settings) -> uvicorn.Config:
    """The access log is our own, free of personal data; a proxy is believed only where configured."""
    return uvicorn.Config(
        "smap.server.main:app_from_environment",
        factory=True,
        http=PatientProtocol,
        workers=settings.workers,
        access_log=False,
        log_config=LOGGING,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        server_header=False,
        timeout_graceful_shutdown=settings.grace_s,
        lifespan="on",
        ws="none",
    )
