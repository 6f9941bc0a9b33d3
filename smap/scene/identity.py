"""Who is who: names of buildings that survive re-ordering, re-tiling and a new vintage; and doubles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.scene.footprint import Footprints

__all__ = ["as_texts", "blank_or_double", "exact_duplicates", "ids_by_place"]

Texts = NDArray[np.object_]

_ODD = 0x9E3779B97F4A7C15 - (1 << 64)
"""An odd number whose multiples spread over 64 bits: 2^64 by the golden ratio, as a negative int64."""


def as_texts(column: NDArray[np.generic] | Texts) -> Texts:
    """A column as texts, object (n,) of str or None: blank and NaN are None, whole numbers have no point."""
    if column.dtype.kind in "iub":
        return np.array([str(v) for v in column.tolist()], object)
    texts = [(v.strip() or None) if type(v) is str else v if v is None else _text(v) for v in column.tolist()]
    result = np.empty(len(texts), object)
    result[:] = texts
    return result


def blank_or_double(source: Texts, own: Texts) -> NDArray[np.bool_]:
    """Which ids name nobody alone within their source: bool (n,).

    source: object (n,), the name of each one's source. own: object (n,), the source's id, None when blank.
    """
    pairs = zip(source.tolist(), own.tolist(), strict=True)
    keys = np.fromiter(map(hash, pairs), np.int64, len(own))
    order = np.argsort(keys)
    same = keys[order[1:]] == keys[order[:-1]]
    asked = np.unique(np.concatenate([order[1:][same], order[:-1][same]]))
    few = list(zip(source[asked].tolist(), own[asked].tolist(), strict=True))
    often = Counter(few)
    found: NDArray[np.bool_] = np.array([one is None for one in own.tolist()], bool)
    found[asked] |= np.array([often[pair] > 1 for pair in few], bool)
    return found


def ids_by_place(
    source: Texts, own: Texts, pnu: Texts, centroid: NDArray[np.float64], area: NDArray[np.float64]
) -> Texts:
    """The `smap_id` of n buildings whose own id is blank or double, all different: object (n,).

    "source:PNU-hash of the centroid", without a PNU "source:hash of centroid and area". centroid: float64
    (n, 2) radians, area: float64 (n,) m². Buildings that even so are alike are told apart by their id, and
    those without one by a number in the order given.
    """
    result = np.empty(len(own), object)
    result[:] = [_by_place(*row) for row in zip(source, pnu, centroid, area, strict=True)]
    return _told_apart(result, own)


def exact_duplicates(
    footprints: Footprints, columns: Sequence[NDArray[Any]], rank: NDArray[np.int64], own: Texts
) -> NDArray[np.int64]:
    """Features to leave out, sorted: same geometry and same attributes as another that stays.

    columns: the attributes without the id, compared as texts. Of a group of alikes the one of the highest
    rank (int64 (n,)) stays, then the one with the smallest own id, one without id last. Rings that begin at
    another vertex are the same geometry.
    """
    groups = _same_extent(footprints)
    asked = np.concatenate([np.empty(0, np.int64), *groups])
    texts = [as_texts(column[asked]) for column in columns]
    told = {i: tuple(column[at] for column in texts) for at, i in enumerate(asked.tolist())}
    out: list[int] = []
    for group in groups:
        seen: set[object] = set()
        for i in sorted(group.tolist(), key=lambda i: (-rank[i], own[i] is None, str(own[i]))):
            what = (_shape(footprints, i), told[i])
            if what in seen:
                out.append(i)
            seen.add(what)
    return np.array(sorted(out), np.int64)


def _text(value: object) -> str | None:
    if value is None or value != value:  # NaN is what differs from itself
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() or None


def _by_place(source: str, pnu: str | None, centroid: NDArray[np.float64], area: float) -> str:
    lon, lat = np.rint(np.degrees(centroid) * 1e6).astype(int)
    if pnu:
        return f"{source}:{pnu}-{_hash(f'{lon} {lat}')}"
    return f"{source}:{_hash(f'{lon} {lat} {round(float(area), 1)}')}"


def _hash(text: str) -> str:
    return blake2b(text.encode(), digest_size=6).hexdigest()


def _told_apart(ids: Texts, own: Texts) -> Texts:
    taken: dict[str, int] = {}
    for i in sorted(range(len(ids)), key=lambda i: (str(ids[i]), str(own[i]))):
        number = taken[ids[i]] = taken.get(ids[i], 0) + 1
        if number > 1:
            ids[i] = f"{ids[i]}-{number}"
    return ids


def _same_extent(footprints: Footprints) -> list[NDArray[np.int64]]:
    """Groups of features between the same extremes and with as many vertices, each rising."""
    starts = footprints.feature_vertices[:-1]
    columns = [np.ascontiguousarray(footprints.lonlat[:, k]) for k in (0, 1)]
    bounds = [f.reduceat(column, starts) for f in (np.minimum, np.maximum) for column in columns]
    key = np.diff(footprints.feature_vertices)
    for bound in bounds:  # wraps round: it only brings together what is compared below
        key = key * _ODD + bound.view(np.int64)
    order = np.argsort(key, kind="stable")
    met = np.flatnonzero(key[order[1:]] == key[order[:-1]])
    asked = order[np.unique(np.concatenate([met, met + 1]))]
    groups: dict[tuple[float, ...], list[int]] = {}
    sizes = np.diff(footprints.feature_vertices)[asked].tolist()
    for i, *row in zip(asked.tolist(), sizes, *(bound[asked].tolist() for bound in bounds), strict=True):
        groups.setdefault(tuple(row), []).append(i)
    return [np.array(sorted(group), np.int64) for group in groups.values() if len(group) > 1]


def _shape(footprints: Footprints, feature: int) -> object:
    polygons = range(footprints.features[feature], footprints.features[feature + 1])
    return frozenset(_polygon_shape(footprints, p) for p in polygons)


def _polygon_shape(footprints: Footprints, polygon: int) -> object:
    rings = range(footprints.polygons[polygon], footprints.polygons[polygon + 1])
    return frozenset(
        _ring_shape(footprints.lonlat[footprints.rings[r] : footprints.rings[r + 1]]) for r in rings
    )


def _ring_shape(ring: NDArray[np.float64]) -> object:
    vertices = [tuple(v) for v in ring.tolist()]
    start = vertices.index(min(vertices))
    return tuple(vertices[start:] + vertices[:start])
