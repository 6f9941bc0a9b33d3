"""The pipeline: a recipe becomes builds/NAME/VERSION, whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from hashlib import file_digest
from pathlib import Path
from typing import Any

from smap import __version__
from smap.build.executors import Executor, make_executor
from smap.build.inputs import digest_of
from smap.build.linerule import LINE_KINDS, with_content
from smap.build.progress import Progress
from smap.build.recipe import Recipe, read_recipe
from smap.build.report import BuildReport, Product, as_text
from smap.build.staging import check_out, place, place_into, staging, told_in_one_line
from smap.build.work import Clock, Work
from smap.errors import FormatError, NotFoundError
from smap.store.builds import find_build

__all__ = ["build", "build_all"]

_MANIFEST = "manifest.json"
_REPORT = "report"
_NAMES = "names.ndjson"


def build(
    recipe_path: Path,
    *,
    workspace: Path,
    progress: Progress,
    out: Path | None = None,
    jobs: int | None = None,
    cluster: str | None = None,
    force: bool = False,
) -> BuildReport:
    """Build what the recipe says into out, else WORKSPACE/builds/NAME/VERSION; publishes nothing.

    Each kind has its builder `build_KIND(recipe, archive, work) -> Product` in smap/build/KIND.py, which
    writes the file `archive` and nothing else outside work.scratch. Errors: SmapError with one line; nothing
    is left in out or builds/ that looks complete. cluster: the address of a Dask scheduler, instead of jobs.
    """
    recipe = read_recipe(recipe_path)
    if out is not None:
        out = out.absolute()
        check_out(out, force=force)
    with told_in_one_line(), closing(_executor(jobs, cluster, [recipe])) as executor:
        return _Pipeline(workspace.absolute(), executor, progress, force).run(recipe, out)


def build_all(
    recipe_paths: Sequence[Path],
    *,
    workspace: Path,
    progress: Progress,
    jobs: int | None = None,
    cluster: str | None = None,
    force: bool = False,
) -> Iterator[BuildReport]:
    """Build several recipes one after another into WORKSPACE/builds, by the same workers.

    Errors as in `build`. All recipes are read before the first is built; what an error meets stays built.
    """
    recipes = [read_recipe(path) for path in recipe_paths]
    with closing(_executor(jobs, cluster, recipes)) as executor:
        for recipe in recipes:
            with told_in_one_line():
                report = _Pipeline(workspace.absolute(), executor, progress, force).run(recipe, None)
            yield report


@dataclass(frozen=True)
class _Pipeline:
    workspace: Path
    executor: Executor
    progress: Progress
    force: bool
    notes: list[str] = field(default_factory=list)

    def run(self, recipe: Recipe, out: Path | None) -> BuildReport:
        """One recipe from its sources to its place."""
        recipe = _resolved(recipe, self.workspace)
        folder = out.parent if out else self.workspace / "builds" / recipe.name
        clock = Clock()
        with staging(folder, out.name if out else recipe.name) as stage:
            scratch = stage / "scratch"
            scratch.mkdir()
            work = Work(self.workspace, scratch, self.executor, self.progress, clock, self.built, self.force)
            with clock.stage("total"):
                product = _builder(recipe.kind)(recipe, stage / f"{recipe.name}.3tz", work)
            shutil.rmtree(scratch)
            product = replace(product, warnings=(*self.notes, *product.warnings))
            report = self._describe(recipe, product, stage, clock)
            return _put(stage, folder, recipe.name, report, out)

    def built(self, recipe: Recipe) -> Path:
        """The folder of a build of this recipe: the latest if nothing has changed since, else a new one.

        With force it is always built anew.
        """
        recipe = _resolved(recipe, self.workspace)
        with suppress(NotFoundError, FormatError):
            latest = find_build(self.workspace, recipe.name).folder
            if not self.force and _inputs_of(latest) == digest_of(recipe, __version__):
                return latest
        report = self.run(recipe, None)
        self.notes.extend(f"{recipe.name}: {warning}" for warning in report.warnings)
        return Path(report.out)

    def _describe(self, recipe: Recipe, product: Product, stage: Path, clock: Clock) -> BuildReport:
        archive = stage / f"{recipe.name}.3tz"
        with archive.open("rb") as file:
            version = file_digest(file, "sha256").hexdigest()[:12]
        report = _report(recipe, product, version, clock, self.executor.peak_memory_mb())
        facts = {key: value for key, value in report.in_short().items() if key not in ("bytes", "out")}
        manifest = _manifest_of(recipe, product, version, facts)
        (stage / f"{_REPORT}.txt").write_text(as_text(facts), encoding="utf-8")
        _write_of_city(stage, recipe, product, report)
        text = json.dumps(manifest, ensure_ascii=False, indent=1)
        (stage / _MANIFEST).write_text(f"{text}\n", encoding="utf-8")
        return replace(report, bytes=sum(file.stat().st_size for file in stage.iterdir()))


def _resolved(recipe: Recipe, workspace: Path) -> Recipe:
    """The recipe with the published content's own files where it asks for these."""
    if recipe.lines is None:
        return recipe
    return replace(recipe, lines=with_content(recipe.lines, recipe.kind, workspace))


def _executor(jobs: int | None, cluster: str | None, recipes: Sequence[Recipe]) -> Executor:
    """On the cluster of this address, else here; workers have loaded what their first task needs."""
    if cluster is not None:
        from smap.build.cluster import ClusterExecutor

        return ClusterExecutor(cluster)
    kinds = {recipe.kind for recipe in recipes}
    return make_executor(jobs, [f"smap.build.{kind}" for kind in ("buildings", "terrain") if kind in kinds])


def _builder(kind: str) -> Any:
    if kind == "buildings":
        from smap.build.buildings import build_buildings

        return build_buildings
    if kind == "models":
        from smap.build.models import build_models

        return build_models
    if kind in LINE_KINDS:
        from smap.build.lines import build_lines

        return build_lines
    if kind == "basemap":
        from smap.build.basemap import build_basemap

        return build_basemap
    from smap.build.terrain import build_terrain

    return build_terrain


def _report(recipe: Recipe, product: Product, version: str, clock: Clock, peak_mb: float) -> BuildReport:
    dropped = {reason: n for reason, n in product.dropped.items() if n}
    assert product.features_read - product.features_built == sum(dropped.values())
    return BuildReport(
        tileset=recipe.name,
        version=version,
        features_read=product.features_read,
        features_built=product.features_built,
        dropped=dropped,
        reused=product.reused,
        tiles=product.tiles,
        bytes=0,
        seconds={stage: round(seconds, 2) for stage, seconds in clock.seconds.items()},
        peak_rss_mb=round(peak_mb, 1),
        out="",
        figures=product.figures,
        warnings=(*recipe.warnings, *product.warnings),
        city=None if product.city is None else product.city.as_json(),
    )


def _write_of_city(stage: Path, recipe: Recipe, product: Product, report: BuildReport) -> None:
    """Of buildings: the report as a page and as JSON, and the names to be found."""
    if product.names is not None:
        (stage / _NAMES).write_text("".join(f"{line}\n" for line in product.names), encoding="utf-8")
    if product.city is not None:
        from smap.build.page import as_page

        page = as_page(report, product.city, recipe.title, recipe.attribution)
        (stage / f"{_REPORT}.html").write_text(page, encoding="utf-8")
        facts = {key: value for key, value in report.as_json().items() if key not in ("bytes", "out")}
        text = json.dumps(facts, ensure_ascii=False, indent=1)
        (stage / f"{_REPORT}.json").write_text(f"{text}\n", encoding="utf-8")


def _manifest_of(recipe: Recipe, product: Product, version: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": recipe.name,
        "kind": recipe.kind,
        "version": version,
        "title": dict(recipe.title),
        "attribution": recipe.attribution,
        "access": recipe.access,
        "era": recipe.era,
        "depicts": recipe.depicts,
        "bbox": list(product.bbox),
        "created_by": __version__,
        "inputs": digest_of(recipe, __version__),
        "terrain": None if product.terrain is None else dict(product.terrain),
        "vertical_datum": product.vertical_datum,
        "report": dict(facts),
    }


def _put(stage: Path, folder: Path, name: str, report: BuildReport, out: Path | None) -> BuildReport:
    if out is not None:
        place_into(stage, out, _MANIFEST)
        return replace(report, out=str(out))
    target = folder / report.version
    place(stage, target)
    beside = folder / ".latest.part"
    beside.write_text(f"{report.version}\n", encoding="ascii")
    beside.replace(folder / "latest")
    return replace(report, out=str(target))


def _inputs_of(folder: Path) -> str:
    manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    return str(manifest.get("inputs"))
