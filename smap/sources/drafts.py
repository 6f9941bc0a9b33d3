"""Ready recipes for files that somebody holds: printed by `smap inspect`, built by `smap demo --data`."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

from smap.errors import InputError
from smap.sources.formats import SUFFIXES
from smap.sources.inspect import VectorInfo, inspect_vector, layers_of
from smap.sources.presets import PRESETS

__all__ = [
    "RASTER_SUFFIXES",
    "buildings_recipe",
    "is_raster",
    "layers_recipe",
    "recipes_for",
    "terrain_recipe",
]

RASTER_SUFFIXES = frozenset({".tif", ".tiff", ".asc", ".img", ".vrt", ".hgt", ".dem"})
# Our properties that a recipe may name fields for; what else a preset knows comes with the preset
_NAMED = ("id", "name", "height", "floors", "pnu")


def is_raster(path: Path) -> bool:
    """Whether the name is that of an elevation raster."""
    return path.suffix.lower() in RASTER_SUFFIXES


def buildings_recipe(info: VectorInfo, *, layer: str | None = None, terrain: str | None = None) -> str:
    """A recipe in TOML that builds this layer. layer: its name where the file has several."""
    title = "-".join(filter(None, [info.path.name.split(".")[0], layer]))
    lines = ["[tileset]", f"name = {_quoted(_slug(title))}", 'kind = "buildings"']
    lines += [f"title = {{ ko = {_quoted(title)}, en = {_quoted(title)} }}", _attribution(info)]
    lines += ["", "[[source]]", f"path = {_quoted(str(info.path.resolve()))}"]
    lines += [f"layer = {_quoted(layer)}"] if layer else []
    lines += [f"preset = {_quoted(info.preset)}"] if info.preset else []
    lines += _crs_line(info)
    told = info.encoding_origin in {"detected", "given"}
    lines += [f"encoding = {_quoted(info.encoding)}"] if told else []
    roles = {f.role: f.name for f in info.fields if f.role in _NAMED}
    if roles and not info.preset:
        lines += ["", "[source.fields]", *(f"{r} = {_quoted(roles[r])}" for r in _NAMED if r in roles)]
    if terrain:
        lines += ["", "[ground]", f"terrain = {_quoted(terrain)}", 'vertical_datum = "EPSG:5193"']
    return "\n".join(lines) + "\n"


def layers_recipe(infos: Sequence[VectorInfo]) -> str:
    """One recipe for a file: its first layer that can be built, the other such layers beside it as comments.

    InputError when none can be built.
    """
    buildable = [info for info in infos if info.obstacle is None]
    if not buildable:
        raise InputError(f"no recipe can build this: {infos[0].obstacle}")
    if len(infos) == 1:
        return buildings_recipe(infos[0])
    texts = [buildings_recipe(buildable[0], layer=buildable[0].layer)]
    for info in buildable[1:]:
        lines = buildings_recipe(info, layer=info.layer).splitlines()
        texts.append(
            "\n".join(["# another layer of the same file:", *(f"# {line}".rstrip() for line in lines), ""])
        )
    return "\n".join(texts)


def _attribution(info: VectorInfo) -> str:
    if info.preset == "osm":
        return 'attribution = "© OpenStreetMap contributors, ODbL"'
    holder = f"of {PRESETS[info.preset].title}" if info.preset else "of the data"
    return f'# attribution = "the holder {holder}, and its licence"'


def _crs_line(info: VectorInfo) -> list[str]:
    code = info.suggestion
    return [f"crs = {_quoted(code)}  # the file does not say; this puts it in Korea"] if code else []


def terrain_recipe(paths: list[Path], *, name: str) -> str:
    """A recipe in TOML that builds one terrain from elevation rasters."""
    lines = ["[tileset]", f"name = {_quoted(_slug(name))}", 'kind = "terrain"']
    lines += ['# attribution = "the holder of the data, and its licence"']
    for path in paths:
        lines += ["", "[[source]]", f"path = {_quoted(str(path.resolve()))}"]
    return "\n".join([*lines, "", "[ground]", 'vertical_datum = "EPSG:5193"']) + "\n"


def recipes_for(data: Path, folder: Path) -> list[Path]:
    """Write a recipe into `folder` for every building file under `data` (a file or folder), terrain first.

    InputError when nothing there can be read; layers without polygons are left out.
    """
    files = sorted(p for p in data.rglob("*") if p.is_file()) if data.is_dir() else [data]
    folder.mkdir(parents=True, exist_ok=True)
    rasters = [p for p in files if is_raster(p)]
    written = [_write(folder, "terrain", terrain_recipe(rasters, name="terrain"))] if rasters else []
    ground = written[0].name if written else None
    for path in files:
        suffix = Path(path.name.lower().removesuffix(".gz")).suffix
        if suffix in SUFFIXES or (not is_raster(path) and not data.is_dir()):
            written += _buildings(path, folder, ground)
    if not written:
        raise InputError(f"{data}: holds no building file ({', '.join(SUFFIXES)}) and no elevation raster")
    return written


def _buildings(path: Path, folder: Path, ground: str | None) -> list[Path]:
    layers = layers_of(path)
    written = []
    for layer in layers:
        info = inspect_vector(path, layer=layer)
        if info.has_polygons:
            text = buildings_recipe(info, layer=layer if len(layers) > 1 else None, terrain=ground)
            written.append(_write(folder, "-".join(filter(None, [path.name.split(".")[0], layer])), text))
    return written


def _write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{_slug(name)}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def _slug(name: str) -> str:
    """Lower-case letters, digits and hyphens, as the names of tilesets are."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    other = "" if name.isascii() else f"-{crc32(name.encode()):08x}"  # 한글.shp and 다른.shp are two
    return f"{plain[:54].rstrip('-') or 'buildings'}{other}"


def _quoted(text: str | None) -> str:
    return json.dumps(text, ensure_ascii=False)
