"""Which fields look like height, floors, id, name or parcel number, by their names, where no preset tells."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["roles_of"]

# Words of field names as offices, OpenStreetMap and CAD exports write them, the surest first
_WORDS: Mapping[str, tuple[str, ...]] = {
    "id": (
        "smap_id",
        "osm_way_id",
        "osm_id",
        "bd_mgt_sn",
        "ufid",
        "@id",
        "id",
        "gml_id",
        "fid",
        "gid",
        "관리번호",
    ),
    "height": ("height_m", "height", "building:height", "heit", "hgt", "bldg_h", "높이", "건물높이"),
    "floors": (
        "floors",
        "levels",
        "building:levels",
        "gro_flo_co",
        "grnd_flr",
        "storeys",
        "지상층수",
        "층수",
    ),
    "name": ("name", "name:ko", "buld_nm", "bld_nm", "bldg_nm", "건물명", "명칭", "이름"),
    "pnu": ("pnu", "필지고유번호"),
}
_NUMERIC = {"height", "floors"}


def roles_of(kinds: Mapping[str, str]) -> dict[str, str]:
    """Their field to our property, at most one field for each; kinds: of each field, as `Layer` has them.

    A whole name wins over one that holds the word (bldg_height_2024); heights and floors are never dates.
    """
    found: dict[str, str] = {}
    for role, words in _WORDS.items():
        free = [f for f in kinds if f not in found and not (role in _NUMERIC and kinds[f] == "other")]
        best = next((f for w in words for f in free if f.lower() == w), None) or _holding(words, free)
        if best is not None:
            found[best] = role
    return found


def _holding(words: tuple[str, ...], fields: list[str]) -> str | None:
    for word in words:
        for name in fields:
            if word in re.split(r"[_\W]+", name.lower()):
                return name
    return None
