"""`make bench`: run every benchmark on the real Seoul and write bench/results.json with machine and commit.

Each module of this folder with `measure(data, work)` is one benchmark; `python -m bench NAME …` runs some,
and builds the city first where none is built yet.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results.json"
CITY = "city"


def data_folder() -> Path:
    """The real data, at $SMAP_DATA, else ../shared/data."""
    return Path(os.environ.get("SMAP_DATA", ROOT.parent / "shared" / "data"))


def machine() -> dict[str, Any]:
    """What the figures were taken on; no names of hosts."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "python": platform.python_version(),
        "system": platform.system(),
    }


def as_users_have_it() -> dict[str, str]:
    """The environment of processes that are timed: modules stay compiled from one to the next."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def commit() -> str:
    """The commit that was measured, with a + where the tree had changes."""
    words = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def names() -> list[str]:
    """Every benchmark of this folder: first the one that builds the city, then those that look at it."""
    found = sorted(m.name for m in iter_modules([str(ROOT / "bench")]) if not m.name.startswith("_"))
    return sorted(found, key=lambda name: name != CITY)


def options_of(words: Sequence[str]) -> argparse.Namespace:
    """What to measure and where: `names` are all benchmarks unless some are named."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(names())}")
    parser.add_argument("--work", type=Path, default=ROOT / "var" / "bench")
    options = parser.parse_args(words)
    # argparse would hold an empty list itself against `choices`
    for name in options.names:
        if name not in names():
            parser.error(f"there is no benchmark {name!r}; there are {', '.join(names())}")
    asked = options.names or names()
    is_built = (options.work / CITY / "current").exists()
    options.names = [name for name in names() if name in asked or (name == CITY and not is_built)]
    return options


def main() -> int:
    """Measure what is asked for, and keep the figures of the rest."""
    options = options_of(sys.argv[1:])
    data = data_folder()
    if not data.is_dir():
        print("bench: the real data is absent: set SMAP_DATA to its folder", file=sys.stderr)
        return 2
    options.work.mkdir(parents=True, exist_ok=True)
    results: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in options.names:
        figures: Mapping[str, Any] = import_module(f"bench.{name}").measure(data, options.work)
        results[name] = {"commit": commit(), "machine": machine(), "figures": figures}
        print(f"{name}: {json.dumps(figures, ensure_ascii=False)}")
        RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=2, sort_keys=True) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
