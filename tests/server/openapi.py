"""OpenAPI 3.0.3 (OAI 2020) as far as our document goes: its structure, and answers against its schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["answer_faults", "structure_faults"]

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}
SCHEMA_WORDS = {
    "$ref",
    "type",
    "enum",
    "items",
    "minItems",
    "maxItems",
    "minimum",
    "maximum",
    "maxLength",
    "default",
    "description",
    "required",
    "properties",
    "additionalProperties",
    "oneOf",
    "nullable",
    "format",
}


def structure_faults(document: Mapping[str, Any]) -> Iterator[str]:
    """What breaks the specification, one line each."""
    missing = {"openapi", "info", "paths"} - document.keys()
    if missing or not re.fullmatch(r"3\.0\.\d", document["openapi"]):
        yield f"root: missing {missing}, version {document.get('openapi')}"
    if {"title", "version"} - document["info"].keys():
        yield "info: title or version is missing"
    names: list[str] = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            names.append(operation.get("operationId", ""))
            where = f"{method} {path}"
            if method not in METHODS:
                yield f"{where}: no method"
            yield from (f"{where}: {fault}" for fault in _operation_faults(path, operation, document))
    if "" in names or len(set(names)) < len(names):
        yield f"operationIds are missing or double: {sorted(names)}"
    for name, schema in document["components"]["schemas"].items():
        yield from (f"schema {name}: {fault}" for fault in _schema_faults(schema, document))


def _operation_faults(path: str, operation: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[str]:
    given = operation.get("parameters", [])
    keys = [(parameter["name"], parameter["in"]) for parameter in given]
    if len(set(keys)) < len(keys):
        yield f"parameters come twice: {keys}"
    if {name for name, place in keys if place == "path"} != set(re.findall(r"{(\w+)}", path)):
        yield f"the path's parameters are not those declared: {keys}"
    if any(parameter["in"] == "path" and parameter["required"] is not True for parameter in given):
        yield "a parameter of the path must be required"
    answers = operation["responses"]
    if not answers or any("description" not in answer for answer in answers.values()):
        yield "an answer has no description"
    bodies = [answer.get("content", {}) for answer in answers.values()]
    bodies.append(operation.get("requestBody", {}).get("content", {}))
    schemas = [media["schema"] for body in bodies for media in body.values()]
    for schema in (*schemas, *(parameter["schema"] for parameter in given)):
        yield from _schema_faults(schema, document)


def _schema_faults(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[str]:
    unknown = schema.keys() - SCHEMA_WORDS
    if unknown:
        yield f"unknown words {unknown}"
    if "$ref" in schema:
        yield from () if _resolved(schema, document) else (f"{schema['$ref']} leads nowhere",)
        return
    if schema.get("type", "object") not in TYPES:
        yield f"unknown type {schema['type']}"
    if schema.get("type") == "array" and "items" not in schema:
        yield "an array needs items"
    if set(schema.get("required", [])) - schema.get("properties", schema).keys() and "properties" in schema:
        yield "what is required is no property"
    inner = [*schema.get("properties", {}).values(), *schema.get("oneOf", [])]
    inner += [
        schema[word] for word in ("items", "additionalProperties") if isinstance(schema.get(word), dict)
    ]
    for part in inner:
        yield from _schema_faults(part, document)


def _resolved(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    name = schema["$ref"].removeprefix("#/components/schemas/")
    found: Mapping[str, Any] | None = document["components"]["schemas"].get(name)
    return found


def answer_faults(value: Any, schema: Mapping[str, Any], document: Mapping[str, Any], at: str) -> list[str]:
    """Where a JSON value is not what the schema says, one line each."""
    if "$ref" in schema:
        resolved = _resolved(schema, document)
        return [f"{at}: no schema"] if resolved is None else answer_faults(value, resolved, document, at)
    if value is None:
        return [] if schema.get("nullable") or not schema else [f"{at}: null"]
    if "oneOf" in schema:
        fits = [not answer_faults(value, part, document, at) for part in schema["oneOf"]]
        return [] if sum(fits) == 1 else [f"{at}: fits {sum(fits)} of oneOf"]
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return [f"{at}: {value!r} is no {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{at}: {value!r} is none of {schema['enum']}"]
    return list(_inner_faults(value, schema, document, at))


def _inner_faults(
    value: Any, schema: Mapping[str, Any], document: Mapping[str, Any], at: str
) -> Iterator[str]:
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{at}: {len(value)} items"
        for number, part in enumerate(value):
            yield from answer_faults(part, schema.get("items", {}), document, f"{at}[{number}]")
    if isinstance(value, dict):
        yield from (f"{at}: {name} is missing" for name in schema.get("required", []) if name not in value)
        other = schema.get("additionalProperties", {})
        for name, part in value.items():
            inner = schema.get("properties", {}).get(name, other)
            yield from answer_faults(part, inner, document, f"{at}.{name}")
