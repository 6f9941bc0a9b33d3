"""What a build has to say: what each kind's builder hands back, and the report of the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smap.build.report_city import CityReport

__all__ = ["BuildReport", "Product", "as_text"]


@dataclass(frozen=True)
class Product:
    """What a builder says of the archive it wrote.

    bbox: degrees (west, south, east, north). terrain: name, version and level of the ground it stands on.
    figures: further counts and measures worth a line in the report, in the order given. city: what the page
    of a build of buildings tells. names: lines of JSON, what can be found by name.
    """

    features_read: int
    features_built: int
    tiles: int
    bbox: tuple[float, float, float, float]
    vertical_datum: str
    dropped: Mapping[str, int] = field(default_factory=dict)
    reused: int = 0
    terrain: Mapping[str, Any] | None = None
    warnings: tuple[str, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    city: CityReport | None = None
    names: Sequence[str] | None = None


@dataclass(frozen=True)
class BuildReport:
    """The report of a whole build; bytes: all under out as stored; seconds by stage and in total.

    city: of buildings the histograms, levels, problems with examples and the misses of estimates.
    """

    tileset: str
    version: str
    features_read: int
    features_built: int
    dropped: Mapping[str, int]
    reused: int
    tiles: int
    bytes: int
    seconds: Mapping[str, float]
    peak_rss_mb: float
    out: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    city: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """The object that `smap build --json` prints."""
        return {
            "tileset": self.tileset,
            "version": self.version,
            "features_read": self.features_read,
            "features_built": self.features_built,
            "dropped": dict(self.dropped),
            "reused": self.reused,
            "tiles": self.tiles,
            "bytes": self.bytes,
            "seconds": dict(self.seconds),
            "peak_rss_mb": self.peak_rss_mb,
            "out": self.out,
            "figures": dict(self.figures),
            "warnings": list(self.warnings),
            **({} if self.city is None else {"city": dict(self.city)}),
        }

    def in_short(self) -> dict[str, Any]:
        """The same without what only the page and `--json` tell."""
        return {key: value for key, value in self.as_json().items() if key != "city"}


def as_text(facts: Mapping[str, Any]) -> str:
    """Facts as lines for people: one `key: value` each, mappings indented below, "none" if empty."""
    lines: list[str] = []
    for key, value in facts.items():
        if isinstance(value, Mapping) and value:
            lines += [f"{key}:", *(f"  {k}: {_on_one_line(v)}" for k, v in value.items())]
        elif isinstance(value, list | tuple) and value:
            lines += [f"{key}:", *(f"  - {v}" for v in value)]
        else:
            lines.append(f"{key}: {_on_one_line(value)}")
    return "\n".join(lines) + "\n"


def _on_one_line(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {v}" for k, v in value.items()) or "none"
    return "none" if value in ((), []) else str(value)
