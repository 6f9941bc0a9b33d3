"""Where the shipped tiles/ and content/ lie: in the installed package, or at the top of a clone."""

from __future__ import annotations

from pathlib import Path

from smap.errors import StorageError

__all__ = ["shipped_folder"]


def shipped_folder(name: str) -> Path:
    """The folder `tiles` or `content` that came with S-Map."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "shipped" / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise StorageError(f"the installation lacks its folder {name}/: install the package again")
