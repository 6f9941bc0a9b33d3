"""What the operator may set, with its help text. Read by the command line and `server.main` only.

A value comes from the command line, else from the environment (`SMAP_<NAME>`), else from the default here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from smap.errors import UsageError

__all__ = ["Settings", "environment_of", "help_of", "read_settings", "variable_of"]


_VAR = Path("var")


def _help(text: str) -> dict[str, str]:
    return {"help": text}


@dataclass(frozen=True, slots=True)
class Settings:
    """How one server runs; frozen, because nothing may change it after the start."""

    workspace: Path = field(
        default=_VAR, metadata=_help("folder that holds builds, releases and the content")
    )
    host: str = field(default="127.0.0.1", metadata=_help("address to listen on"))
    port: int = field(default=8000, metadata=_help("port to listen on; 0 takes a free one"))
    workers: int = field(default=1, metadata=_help("number of server processes"))
    allowed_hosts: tuple[str, ...] = field(
        default=(),
        metadata=_help("host names this server answers to besides loopback and --host, separated by commas"),
    )
    trusted_proxies: tuple[str, ...] = field(
        default=(),
        metadata=_help(
            "addresses of reverse proxies whose X-Forwarded-* headers are believed, separated by commas"
        ),
    )
    grace_s: int = field(default=5, metadata=_help("seconds that open requests get at shutdown"))

    def __post_init__(self) -> None:
        _between("port", self.port, 0, 65535)
        _between("workers", self.workers, 1, 64)
        _between("grace_s", self.grace_s, 0, 600)


def _between(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise UsageError(f"setting {name}: {value} is not between {low} and {high}")


def variable_of(name: str) -> str:
    """The environment variable of a setting: `port` → `SMAP_PORT`."""
    return f"SMAP_{name.upper()}"


def help_of(name: str) -> str:
    """The help text of a setting."""
    return next(str(item.metadata["help"]) for item in fields(Settings) if item.name == name)


def read_settings(environ: Mapping[str, str] | None = None, **given: object) -> Settings:
    """Settings from the environment; `given` values that are not None win. UsageError: a bad variable."""
    source = os.environ if environ is None else environ
    found = {
        item.name: _parse(item, source[variable_of(item.name)])
        for item in fields(Settings)
        if source.get(variable_of(item.name), "").strip()
    }
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return replace(Settings(), **{**found, **chosen})


def environment_of(settings: Settings) -> dict[str, str]:
    """The same settings as environment variables, for worker processes; `read_settings` reads them back."""
    return {variable_of(item.name): _emit(getattr(settings, item.name)) for item in fields(Settings)}


def _parse(item: Field[Any], text: str) -> object:
    if isinstance(item.default, int):
        return _whole_number(item.name, text)
    if isinstance(item.default, tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return Path(text) if isinstance(item.default, Path) else text


def _whole_number(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise UsageError(f"{variable_of(name)}: {text!r} is not a whole number") from None


def _emit(value: object) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value)
