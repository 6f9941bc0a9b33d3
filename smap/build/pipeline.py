"""The pipeline: a recipe becomes builds/NAME/VERSION, whole or not at all."""

from __future__ import annotations

from pathlib import Path

from smap.build.progress import Progress
from smap.build.report import BuildReport

__all__ = ["build"]


def build(
    recipe_path: Path,
    *,
    workspace: Path,
    progress: Progress,
    out: Path | None = None,
    jobs: int | None = None,
    force: bool = False,
) -> BuildReport:
    """Build what the recipe says into out, else WORKSPACE/builds/NAME/VERSION; publishes nothing.

    Each kind has its builder `build_KIND(recipe, archive, work) -> Product` in smap/build/KIND.py, which
    writes the file `archive` and nothing else outside work.scratch. Errors: SmapError with one line; nothing
    is left in out or builds/ that looks complete.
    """
    raise NotImplementedError
