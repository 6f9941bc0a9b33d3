"""Rules of glTF JSON that matter to 3D Tiles: attributes, EXT_mesh_features, EXT_structural_metadata."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from smap.check.findings import Findings
from smap.check.json_rules import JsonRules

__all__ = ["READABLE", "check_gltf", "unreadable_extensions"]

#: Extensions whose GLBs are decoded here; others that a file requires leave its geometry unchecked.
READABLE = frozenset(
    {
        "EXT_mesh_features",
        "EXT_meshopt_compression",
        "EXT_structural_metadata",
        "KHR_materials_unlit",
        "KHR_mesh_quantization",
        "KHR_texture_basisu",
        "KHR_texture_transform",
    }
)
_UNSIGNED_INT = 5125


def unreadable_extensions(document: dict[str, Any]) -> set[str]:
    """The required extensions that keep the geometry from being read here."""
    required = document.get("extensionsRequired", [])
    return {str(name) for name in required} - READABLE if isinstance(required, list) else set()


def check_gltf(document: dict[str, Any], findings: Findings) -> None:
    """Every issue of the JSON alone."""
    rules = JsonRules(findings)
    asset = rules.object(document, "asset", "", required=True)
    if asset is not None:
        version = rules.text(asset, "version", "/asset", required=True)
        if version is not None and not version.startswith("2."):
            findings.error("GLTF_VERSION_UNKNOWN", "/asset/version", f"'{version}' is not 2.x")
    used, required = (
        rules.unique_texts(document, key, "") for key in ("extensionsUsed", "extensionsRequired")
    )
    for name in sorted(set(required) - set(used)):
        findings.error(
            "EXTENSION_REQUIRED_BUT_NOT_USED", "/extensionsRequired", f"{name} is not in extensionsUsed"
        )
    metadata = _check_metadata(document, rules)
    for primitive, place in _primitives(document):
        _check_attributes(primitive, place, document, findings)
        _check_features(primitive, place, document, len(metadata), rules)


def _primitives(document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    meshes = document.get("meshes", [])
    for number, mesh in enumerate(meshes if isinstance(meshes, list) else []):
        primitives = mesh.get("primitives", []) if isinstance(mesh, dict) else []
        for which, primitive in enumerate(primitives if isinstance(primitives, list) else []):
            if isinstance(primitive, dict):
                yield primitive, f"/meshes/{number}/primitives/{which}"


def _check_attributes(
    primitive: dict[str, Any], place: str, document: dict[str, Any], findings: Findings
) -> None:
    attributes = primitive.get("attributes")
    if not isinstance(attributes, dict) or "POSITION" not in attributes:
        findings.error("ATTRIBUTE_MISSING", f"{place}/attributes", "there is no POSITION")
        return
    for name, index in attributes.items():
        accessor = _item(document, "accessors", index)
        if accessor.get("componentType") == _UNSIGNED_INT:
            said = "UNSIGNED_INT is no component type of vertex attributes"
            findings.error("ATTRIBUTE_UNSIGNED_INT", f"{place}/attributes/{name}", said)
    if "NORMAL" not in attributes and primitive.get("mode", 4) == 4:
        findings.warning("NORMALS_MISSING", f"{place}/attributes", "some clients draw it without light")


def _check_features(
    primitive: dict[str, Any], place: str, document: dict[str, Any], tables: int, rules: JsonRules
) -> None:
    extensions = primitive.get("extensions")
    features = extensions.get("EXT_mesh_features") if isinstance(extensions, dict) else None
    if not isinstance(features, dict):
        return
    inside = f"{place}/extensions/EXT_mesh_features"
    for number, entry in enumerate(rules.array(features, "featureIds", inside, required=True) or []):
        where = f"{inside}/featureIds/{number}"
        if not isinstance(entry, dict):
            rules.findings.error("TYPE_MISMATCH", where, "it must be an object")
            continue
        rules.number(entry, "featureCount", where, low=1, required=True, whole=True)
        rules.number(entry, "nullFeatureId", where, low=0, whole=True)
        rules.text(entry, "label", where)
        rules.number(entry, "propertyTable", where, low=0, high=tables - 1, whole=True)
        set_number = rules.number(entry, "attribute", where, low=0, whole=True)
        if set_number is not None:
            _check_id_accessor(primitive, int(set_number), where, document, rules.findings)


def _check_id_accessor(
    primitive: dict[str, Any], number: int, place: str, document: dict[str, Any], findings: Findings
) -> None:
    attributes = primitive.get("attributes")
    index = attributes.get(f"_FEATURE_ID_{number}") if isinstance(attributes, dict) else None
    if index is None:
        findings.error("FEATURE_ID_ATTRIBUTE_MISSING", place, f"there is no attribute _FEATURE_ID_{number}")
        return
    accessor = _item(document, "accessors", index)
    if accessor.get("type") != "SCALAR" or accessor.get("normalized"):
        findings.error("FEATURE_ID_ACCESSOR_INVALID", place, "feature ids must be SCALAR and not normalized")


def _check_metadata(document: dict[str, Any], rules: JsonRules) -> list[dict[str, Any]]:
    """The property tables, after the extension's own members were looked at."""
    extensions = document.get("extensions")
    metadata = extensions.get("EXT_structural_metadata") if isinstance(extensions, dict) else None
    if not isinstance(metadata, dict):
        return []
    place = "/extensions/EXT_structural_metadata"
    if ("schema" in metadata) == ("schemaUri" in metadata):
        rules.findings.error("SCHEMA_INVALID", place, "it must have schema or schemaUri, one of the two")
    schema = rules.object(metadata, "schema", place)
    classes = schema.get("classes", {}) if schema else {}
    tables = []
    for number, table in enumerate(rules.array(metadata, "propertyTables", place) or []):
        where = f"{place}/propertyTables/{number}"
        if isinstance(table, dict):
            tables.append(table)
            rules.number(table, "count", where, low=1, required=True, whole=True)
            name = rules.text(table, "class", where, required=True)
            if schema and name is not None and (not isinstance(classes, dict) or name not in classes):
                rules.findings.error(
                    "METADATA_CLASS_UNKNOWN", f"{where}/class", f"there is no class '{name}'"
                )
        else:
            rules.findings.error("TYPE_MISMATCH", where, "it must be an object")
    return tables


def _item(document: dict[str, Any], key: str, index: Any) -> dict[str, Any]:
    items = document.get(key)
    if not isinstance(items, list) or not isinstance(index, int) or not 0 <= index < len(items):
        return {}
    return items[index] if isinstance(items[index], dict) else {}
