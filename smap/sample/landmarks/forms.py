"""From a written form to a model: which generator a landmark's facts ask for, and with which shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from smap.errors import InputError
from smap.sample.landmarks.compound import Court, Flanked, Shrine, corridors, flanked_hall, shrine
from smap.sample.landmarks.facts import Landmark
from smap.sample.landmarks.gate import Gate, gate
from smap.sample.landmarks.hall import Hall, Pavilion, hall
from smap.sample.landmarks.modern import Masonry, church, masonry, shell, wave
from smap.sample.landmarks.monument import Altar, Statue, altar, pagoda, statue, triumphal_arch
from smap.sample.landmarks.pond import Island, Pond, island_pond, pillared_pavilion, pond_tent
from smap.sample.landmarks.tent import Tent, tent
from smap.sample.landmarks.tower import Mast, Ringed, Slab, mast_tower, ringed_tower, slab
from smap.scene.solids import Mesh

__all__ = ["FORMS", "build"]

Size = tuple[float, float]

_TIMBER: dict[str, tuple[type[Any], Callable[[Pavilion, Any, int], Mesh]]] = {
    "hall": (Hall, hall),
    "gate": (Gate, gate),
    "pillared_pavilion": (Pond, pillared_pavilion),
    "shrine": (Shrine, shrine),
    "corridors": (Court, corridors),
    "flanked_hall": (Flanked, flanked_hall),
}
_SHAPED: dict[str, tuple[type[Any], Callable[[Size, float, Any, int], Mesh]]] = {
    "slab": (Slab, slab),
    "mast_tower": (Mast, mast_tower),
    "ringed_tower": (Ringed, ringed_tower),
    "masonry": (Masonry, masonry),
    "altar": (Altar, altar),
    "statue": (Statue, statue),
    "island_pond": (Island, island_pond),
}
_PLAIN: dict[str, Callable[[Size, float, int], Mesh]] = {
    "shell": shell,
    "wave": wave,
    "church": church,
    "pagoda": pagoda,
    "triumphal_arch": triumphal_arch,
}
FORMS = frozenset({*_TIMBER, *_SHAPED, *_PLAIN, "tent", "pond_tent"})


def build(landmark: Landmark, detail: int) -> Mesh:
    """The model of a landmark, detail 0 (finest) to 2. InputError: a word that its form does not know."""
    form, size, height = landmark.form, landmark.size_m, landmark.height_m
    if form in _TIMBER:
        kind, make = _TIMBER[form]
        body = _made(Pavilion, landmark, {**landmark.body, "size": size, "height": height})
        return make(body, _made(kind, landmark, landmark.shape), detail)
    if form in _SHAPED:
        kind, raise_ = _SHAPED[form]
        return raise_(size, height, _made(kind, landmark, landmark.shape), detail)
    if form in _PLAIN:
        return _PLAIN[form](size, height, detail)
    if form == "tent":
        return tent(_tent(landmark), detail)
    if form == "pond_tent":
        return pond_tent(_tent(landmark), _made(Pond, landmark, landmark.shape), detail)
    raise InputError(
        f"landmark {landmark.id}: no form is called '{form}'; there are {', '.join(sorted(FORMS))}"
    )


def _tent(landmark: Landmark) -> Tent:
    own = landmark.body | {"radius": landmark.size_m[0] / 2, "height": landmark.height_m}
    made: Tent = _made(Tent, landmark, own)
    return made


def _made(kind: type[Any], landmark: Landmark, words: Mapping[str, Any]) -> Any:
    known = {field.name for field in fields(kind)}
    if unknown := set(words) - known:
        raise InputError(
            f"landmark {landmark.id}: '{landmark.form}' knows no {', '.join(sorted(unknown))}; "
            f"{kind.__name__} has {', '.join(sorted(known))}"
        )
    try:
        return kind(**{name: _frozen(value) for name, value in words.items()})
    except TypeError as error:
        raise InputError(f"landmark {landmark.id}: {error}") from error


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list | tuple) else value
