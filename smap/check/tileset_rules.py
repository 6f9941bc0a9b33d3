"""The rules of one tileset.json (3D Tiles 1.1, OGC 22-025r4 §7), without looking at its contents."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from smap.check.findings import Findings
from smap.check.json_rules import JsonRules

__all__ = ["check_document"]

_VERSIONS = ("1.0", "1.1")
_TEMPLATE_QUADTREE = ("{level}", "{x}", "{y}")
_KNOWN_VOLUMES = {"box": 12, "region": 6, "sphere": 4}
# What a content of this suffix needs; glTF is at home in 3D Tiles since 1.1
_EXTENSION_OF = {
    "3tz": "MAXAR_content_3tz",
    "geojson": "MAXAR_content_geojson",
    "glb": "3DTILES_content_gltf",
    "gltf": "3DTILES_content_gltf",
}
_SINGULAR = 1e-12
_AFFINE = (0.0, 0.0, 0.0, 1.0)


def check_document(document: dict[str, Any], findings: Findings) -> None:
    """Every issue of the document's own JSON."""
    rules = JsonRules(findings)
    asset = rules.object(document, "asset", "", required=True)
    if asset is not None:
        version = rules.text(asset, "version", "/asset", required=True)
        if version is not None and version not in _VERSIONS:
            findings.warning("ASSET_VERSION_UNKNOWN", "/asset/version", f"'{version}' is not 1.0 or 1.1")
        rules.text(asset, "tilesetVersion", "/asset")
    rules.number(document, "geometricError", "", low=0.0, required=True)
    _check_extensions(document, rules)
    _check_properties(document, rules)
    _check_schema(document, rules)
    root = rules.object(document, "root", "", required=True)
    if root is None:
        return
    if "refine" not in root:
        findings.error("TILE_REFINE_MISSING_IN_ROOT", "/root", "the root must say ADD or REPLACE")
    top = document.get("geometricError")
    _check_tile(root, "/root", top if isinstance(top, int | float) else math.inf, document, rules)


def _check_tile(
    tile: dict[str, Any], place: str, above: float, document: dict[str, Any], rules: JsonRules
) -> None:
    error = rules.number(tile, "geometricError", place, low=0.0, required=True)
    if error is not None and error > above:
        said = f"{error} m is more than the {above} m above it"
        rules.findings.warning("TILE_GEOMETRIC_ERRORS_INCONSISTENT", f"{place}/geometricError", said)
    _check_volume(
        rules.object(tile, "boundingVolume", place, required=True), f"{place}/boundingVolume", rules
    )
    viewer = rules.object(tile, "viewerRequestVolume", place)
    _check_volume(viewer, f"{place}/viewerRequestVolume", rules)
    _check_refine(tile, place, rules)
    _check_transform(rules.numbers(tile, "transform", place, 16), f"{place}/transform", rules)
    _check_contents(tile, place, document, rules)
    _check_metadata(tile, place, document, rules)
    if "implicitTiling" in tile:
        _check_implicit(tile, place, rules)
    for number, child in enumerate(rules.array(tile, "children", place, shortest=0) or []):
        below = f"{place}/children/{number}"
        if isinstance(child, dict):
            _check_tile(child, below, above if error is None else error, document, rules)
        else:
            rules.findings.error("TYPE_MISMATCH", below, "a tile must be an object")


def _check_refine(tile: dict[str, Any], place: str, rules: JsonRules) -> None:
    refine = tile.get("refine")
    if isinstance(refine, str) and refine not in ("ADD", "REPLACE") and refine.upper() in ("ADD", "REPLACE"):
        rules.findings.warning("TILE_REFINE_WRONG_CASE", f"{place}/refine", f"'{refine}' must be in capitals")
    else:
        rules.text(tile, "refine", place, words=("ADD", "REPLACE"))


def _check_volume(volume: dict[str, Any] | None, place: str, rules: JsonRules) -> None:
    if volume is None:
        return
    if not any(kind in volume for kind in _KNOWN_VOLUMES) and "extensions" not in volume:
        rules.findings.error("ANY_OF_ERROR", place, "it must have a box, a region or a sphere")
    for kind, length in _KNOWN_VOLUMES.items():
        numbers = rules.numbers(volume, kind, place, length)
        if numbers is not None and (fault := _volume_fault(kind, numbers)):
            rules.findings.error("BOUNDING_VOLUME_INVALID", f"{place}/{kind}", fault)


def _volume_fault(kind: str, numbers: list[float]) -> str | None:
    if kind == "sphere" and numbers[3] < 0.0:
        return f"a radius of {numbers[3]}"
    if kind != "region":
        return None
    west, south, east, north, low, high = numbers
    if not (max(abs(west), abs(east)) <= math.pi and max(abs(south), abs(north)) <= math.pi / 2):
        return "an angle outside of ±π or ±π/2: they must be radians"
    if south > north or low > high:
        return "south above north, or the lowest height above the highest"
    return None


def _check_transform(numbers: list[float] | None, place: str, rules: JsonRules) -> None:
    if numbers is None:
        return
    matrix = np.array(numbers).reshape(4, 4).T
    if tuple(matrix[3]) != _AFFINE:
        rules.findings.error("TRANSFORM_INVALID", place, "its last row is not 0 0 0 1")
    elif abs(float(np.linalg.det(matrix[:3, :3]))) < _SINGULAR:
        rules.findings.error("TRANSFORM_INVALID", place, "it flattens space: its determinant is 0")


def _check_contents(tile: dict[str, Any], place: str, document: dict[str, Any], rules: JsonRules) -> None:
    if "content" in tile and "contents" in tile:
        rules.findings.error("ONE_OF_ERROR", place, "a tile has content or contents, not both")
    content = rules.object(tile, "content", place)
    if content is not None:
        _check_content(content, f"{place}/content", tile, document, rules)
    for number, item in enumerate(rules.array(tile, "contents", place) or []):
        if isinstance(item, dict):
            _check_content(item, f"{place}/contents/{number}", tile, document, rules)
        else:
            rules.findings.error("TYPE_MISMATCH", f"{place}/contents/{number}", "it must be an object")


def _check_content(
    content: dict[str, Any], place: str, tile: dict[str, Any], document: dict[str, Any], rules: JsonRules
) -> None:
    is_old = document.get("asset") == {"version": "1.0"}
    uri = rules.text(content, "url" if is_old and "uri" not in content else "uri", place, required=True)
    _check_volume(rules.object(content, "boundingVolume", place), f"{place}/boundingVolume", rules)
    _check_metadata(content, place, document, rules)
    if "group" in content:
        groups = document.get("groups")
        last = len(groups) - 1 if isinstance(groups, list) else -1
        rules.number(content, "group", place, low=0, high=last, whole=True)
    if uri and "implicitTiling" in tile:
        _check_template(uri, f"{place}/uri", tile["implicitTiling"], rules)


def _check_implicit(tile: dict[str, Any], place: str, rules: JsonRules) -> None:
    implicit = rules.object(tile, "implicitTiling", place)
    if implicit is None:
        return
    inside = f"{place}/implicitTiling"
    rules.text(implicit, "subdivisionScheme", inside, required=True, words=("QUADTREE", "OCTREE"))
    rules.number(implicit, "subtreeLevels", inside, low=1, required=True, whole=True)
    rules.number(implicit, "availableLevels", inside, low=1, required=True, whole=True)
    subtrees = rules.object(implicit, "subtrees", inside, required=True)
    if subtrees is not None:
        uri = rules.text(subtrees, "uri", f"{inside}/subtrees", required=True)
        if uri:
            _check_template(uri, f"{inside}/subtrees/uri", implicit, rules)
    forbidden: list[str] = [key for key in ("children", "metadata") if key in tile]
    content = tile.get("content")
    if isinstance(content, dict) and "boundingVolume" in content:
        forbidden.append("content.boundingVolume")
    volume = tile.get("boundingVolume")
    if isinstance(volume, dict) and "sphere" in volume:
        forbidden.append("boundingVolume.sphere")
    for key in forbidden:
        rules.findings.error(
            "TILE_IMPLICIT_ROOT_INVALID", place, f"with implicitTiling a tile must not have {key}"
        )


def _check_template(uri: str, place: str, implicit: Any, rules: JsonRules) -> None:
    is_octree = isinstance(implicit, dict) and implicit.get("subdivisionScheme") == "OCTREE"
    wanted = {*_TEMPLATE_QUADTREE, "{z}"} if is_octree else {*_TEMPLATE_QUADTREE}
    found = {f"{{{part.partition('}')[0]}}}" for part in uri.split("{")[1:]}
    if found - wanted:
        said = f"'{uri}' may hold {' '.join(sorted(wanted))} and no others"
        rules.findings.error("TEMPLATE_URI_INVALID_VARIABLE_NAME", place, said)
    if wanted - found:
        said = f"'{uri}' does not hold {' '.join(sorted(wanted - found))}"
        rules.findings.warning("TEMPLATE_URI_MISSING_VARIABLE_NAME", place, said)


def _check_metadata(holder: dict[str, Any], place: str, document: dict[str, Any], rules: JsonRules) -> None:
    metadata = rules.object(holder, "metadata", place)
    if metadata is None:
        return
    inside = f"{place}/metadata"
    name = rules.text(metadata, "class", inside, required=True)
    schema = document.get("schema")
    if name is None or "schemaUri" in document:
        return
    if not isinstance(schema, dict):
        rules.findings.error("METADATA_WITHOUT_SCHEMA", inside, "the tileset has no schema")
        return
    classes = schema.get("classes")
    if not isinstance(classes, dict) or name not in classes:
        rules.findings.error("METADATA_CLASS_UNKNOWN", f"{inside}/class", f"the schema has no class '{name}'")
        return
    _check_values(metadata, classes[name], inside, rules)


def _check_values(metadata: dict[str, Any], kind: Any, place: str, rules: JsonRules) -> None:
    properties = kind.get("properties", {}) if isinstance(kind, dict) else {}
    values = metadata.get("properties", {})
    if not isinstance(properties, dict) or not isinstance(values, dict):
        return
    for name, described in properties.items():
        if isinstance(described, dict) and described.get("required") and values.get(name) is None:
            rules.findings.error(
                "METADATA_VALUE_REQUIRED_BUT_MISSING", f"{place}/properties", f"'{name}' is missing"
            )
    for name in values.keys() - properties.keys():
        rules.findings.error("METADATA_PROPERTY_UNKNOWN", f"{place}/properties", f"the class has no '{name}'")


def _check_schema(document: dict[str, Any], rules: JsonRules) -> None:
    if "schema" in document and "schemaUri" in document:
        rules.findings.error("ONE_OF_ERROR", "/schema", "a tileset has schema or schemaUri, not both")
    rules.text(document, "schemaUri", "")
    rules.object(document, "schema", "")
    _check_metadata(document, "", document, rules)
    has_schema = "schema" in document or "schemaUri" in document
    for key in ("groups", "statistics"):
        if key in document and not has_schema:
            rules.findings.error("METADATA_WITHOUT_SCHEMA", f"/{key}", "the tileset has no schema")
    for number, group in enumerate(rules.array(document, "groups", "") or []):
        if isinstance(group, dict):
            _check_metadata({"metadata": group}, f"/groups/{number}", document, rules)


def _check_properties(document: dict[str, Any], rules: JsonRules) -> None:
    for name, limits in (rules.object(document, "properties", "") or {}).items():
        place = f"/properties/{name}"
        if not isinstance(limits, dict):
            rules.findings.error("TYPE_MISMATCH", place, "it must be an object")
            continue
        low = rules.number(limits, "minimum", place, required=True)
        high = rules.number(limits, "maximum", place, required=True)
        if low is not None and high is not None and low > high:
            rules.findings.error(
                "PROPERTIES_MINIMUM_LARGER_THAN_MAXIMUM", place, f"{low} is more than {high}"
            )


def _check_extensions(document: dict[str, Any], rules: JsonRules) -> None:
    used = set(rules.unique_texts(document, "extensionsUsed", ""))
    required = set(rules.unique_texts(document, "extensionsRequired", ""))
    found = set(_extensions_in(document, "", rules))
    needed = set(_content_extensions(document.get("root"), document.get("asset") == {"version": "1.0"}))
    found |= needed
    for name in sorted(needed - required):
        said = f"a content needs {name}, which is not listed"
        rules.findings.error("EXTENSION_REQUIRED_BUT_NOT_DECLARED", "/extensionsRequired", said)
    for name in sorted(required - used):
        rules.findings.error(
            "EXTENSION_REQUIRED_BUT_NOT_USED", "/extensionsRequired", f"{name} is not in extensionsUsed"
        )
    for name in sorted(found - used):
        rules.findings.error(
            "EXTENSION_FOUND_BUT_NOT_USED", "/extensionsUsed", f"{name} is found but not listed"
        )
    for name in sorted(used - found):
        rules.findings.warning(
            "EXTENSION_USED_BUT_NOT_FOUND", "/extensionsUsed", f"{name} is listed but not found"
        )


def _content_extensions(tile: Any, is_old: bool) -> Iterator[str]:
    """The extensions that the contents of a tile and all below it need, told by their suffixes."""
    if not isinstance(tile, dict):
        return
    content, children = tile.get("content"), tile.get("children")
    uri = content.get("uri", content.get("url")) if isinstance(content, dict) else None
    suffix = uri.rpartition(".")[2] if isinstance(uri, str) else ""
    if suffix in _EXTENSION_OF and (is_old or suffix not in ("gltf", "glb")):
        yield _EXTENSION_OF[suffix]
    for child in children if isinstance(children, list) else []:
        yield from _content_extensions(child, is_old)


def _extensions_in(value: Any, place: str, rules: JsonRules) -> Iterator[str]:
    """Every name under an `extensions` key, at any depth; what hangs under `extras` is nobody's business."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _extensions_in(item, f"{place}/{number}", rules)
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        if key == "extensions":
            if not isinstance(item, dict) or not all(isinstance(one, dict) for one in item.values()):
                rules.findings.error(
                    "TYPE_MISMATCH", f"{place}/extensions", "it must be an object of objects"
                )
            else:
                yield from item
        if key not in ("extras", "schema"):
            yield from _extensions_in(item, f"{place}/{key}", rules)
