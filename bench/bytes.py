"""Where the bytes of the tiles of the real city go, as stored (DEFLATE), by what they say and by level.

Limit: 95 B per building in the leaves for geometry, feature ids and the columns that every city has; texts
of the source are told apart. Each part is packed alone, so that the parts add up to about the whole only: to
100.4 % of it in Seoul.
`python -m bench.bytes ARCHIVE.3tz` prints the split of one archive.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.city import newest
from smap.build.treefile import body_of, read_nodes
from smap.formats.glb_container import unpack_glb
from smap.store import open_tiles, pack_entry

__all__ = ["measure", "split"]

_LIMIT_B = 95.0
_COUNTED = {"smap_id", "height", "floors", "height_source", "ground_source"}
"""The columns within the limit, beside geometry and JSON. All further ones are the source's own."""
_MESHOPT = "EXT_meshopt_compression"


def measure(data: Path, work: Path) -> dict[str, Any]:
    """The split of the city built in work/city (bench city does it); `data` is not looked at."""
    return split(newest(work / "city", "seoul-buildings"))


def split(archive: Path) -> dict[str, Any]:
    """Bytes per building of the leaves by part, and of all tiles; the levels, by tiles and their sizes."""
    parts: Counter[str] = Counter()
    sizes: dict[int, list[int]] = {}
    stored: dict[int, int] = {}
    buildings = whole = 0
    with open_tiles(archive) as tiles:
        for depth, node in read_nodes(tiles):
            data = body_of(tiles, str(node.content))
            packed = _packed(data)
            sizes.setdefault(depth, []).append(len(data))
            stored[depth] = stored.get(depth, 0) + packed
            if not node.children:
                document, binary = unpack_glb(data)
                parts.update(_parts(document, binary))
                buildings += _count(document)
                whole += packed
    counted = sum(n for part, n in parts.items() if not part.startswith("column ") or part[7:] in _COUNTED)
    return {
        "limit": {"counted": _LIMIT_B},
        "buildings": buildings,
        "counted": round(counted / buildings, 1),
        "leaves": round(whole / buildings, 1),
        "all_tiles": round(sum(stored.values()) / buildings, 1),
        "parts": {part: round(n / buildings, 1) for part, n in parts.most_common()},
        "levels": {
            str(depth): {
                "tiles": len(own),
                "kb": round(sum(own) / 1000),
                "stored_kb": round(stored[depth] / 1000),
                "largest_kb": round(max(own) / 1000),
            }
            for depth, own in sorted(sizes.items())
        },
    }


def _packed(data: bytes) -> int:
    return len(pack_entry(data).body)


def _count(document: Mapping[str, Any]) -> int:
    return int(document["extensions"]["EXT_structural_metadata"]["propertyTables"][0]["count"])


def _parts(document: Mapping[str, Any], binary: bytes) -> Counter[str]:
    parts = Counter(json=_packed(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()))
    for name, view in _views(document):
        place = view.get("extensions", {}).get(_MESHOPT, view)
        start = place.get("byteOffset", 0)
        parts[name] += _packed(binary[start : start + place["byteLength"]])
    return parts


def _views(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each view with what it says."""
    views, accessors = document["bufferViews"], document["accessors"]
    for mesh in document["meshes"]:
        for primitive in mesh["primitives"]:
            used = {**primitive["attributes"], "indices": primitive["indices"]}
            for name, accessor in used.items():
                yield name, views[accessors[accessor]["bufferView"]]
    table = document["extensions"]["EXT_structural_metadata"]["propertyTables"][0]
    for name, place in table["properties"].items():
        for view in {place["values"], place.get("stringOffsets", place["values"])}:
            yield f"column {name}", views[view]


if __name__ == "__main__":
    print(json.dumps(split(Path(sys.argv[1])), indent=2))
