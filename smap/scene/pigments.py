"""The landmarks' pigments: few, slightly muted, each named after what it is in the building.

Written as sRGB as a painter would mix them; stored as glTF wants COLOR_0: linear, u8 normalised
(glTF 2.0 §3.9.2; the curve is IEC 61966-2-1).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["PALETTE", "Pigment", "pigment"]

Pigment = tuple[int, int, int]

PALETTE = {
    # roofs
    "giwa": "#5f676f",  # fired roof tile, grey-blue
    "giwa_shade": "#464d55",  # the trough between two rows of tiles
    "giwa_end": "#7d848a",  # tile ends along the eave
    "plaster": "#e4ded0",  # 양성바름, lime plaster on the ridges
    "copper": "#7b9a8d",  # weathered copper roofs
    "cheong": "#3f7f86",  # blue-glazed tiles
    "slate": "#59606a",
    # stone and earth
    "granite": "#d3ccbf",
    "granite_warm": "#cbc1b0",  # neighbouring stones differ a little
    "granite_cool": "#d9d4ca",
    "granite_even": "#cec7b9",  # every other course
    "ashlar": "#b8b0a2",  # old city wall, weathered
    "ashlar_even": "#b2aa9b",
    "ashlar_warm": "#afa492",
    "ashlar_cool": "#beb8ac",
    "granite_light": "#e2ddd2",
    "granite_dark": "#a29b8f",
    "marble": "#e2dfd6",
    "paving": "#bfb6a6",
    "jeondol": "#8f8780",  # grey brick of parapets
    "brick": "#9a6a59",
    "brick_dark": "#7c5447",
    "shade": "#4a4038",  # the depth of a passage or an open hall
    "water": "#6b8584",
    "stream": "#86a7b2",  # running water, lighter than a pond
    "earth": "#e0d8ca",  # lanes, of the valley floor's colour
    "sand": "#cdc0a6",
    "grass": "#b2b78f",
    "floorstone": "#d3cab9",  # 박석, rough granite slabs of a court
    "plaza": "#ddd7cb",  # light granite of the squares
    "road": "#bdb7ad",  # carriageways: a tone deeper than the valley floor, no asphalt
    "line": "#dcd6ca",
    # trees, of the viewer's palette
    "pine": "#7d9a76",
    "leaf": "#b3bf8c",
    "trunk": "#8a7560",
    "meadow": "#cdd0b3",
    "forest": "#93a884",
    "deep": "#6f8b74",
    "rock": "#d5cdbc",
    # timber and dancheong
    "seokganju": "#8f4334",  # 석간주, iron-oxide red of columns
    "seokganju_deep": "#6d352b",
    "noerok": "#4f7f6d",  # 뇌록, celadonite green
    "noerok_deep": "#3a6154",
    "samcheong": "#3f6a94",  # 삼청, azurite blue
    "jangdan": "#c4633c",  # 장단, red lead
    "seokhwang": "#d3a94f",  # 석황, orpiment yellow
    "jibun": "#ece5d4",  # 지분, white
    "lattice": "#647a63",  # painted door lattices
    "paper": "#e6dcc4",  # hanji behind a lattice
    "plank": "#7c5a40",
    # the new city
    "glass": "#8fa9b4",
    "glass_deep": "#5d7a88",
    "glass_dark": "#3d4a52",
    "bronze_glass": "#6b5443",
    "aluminium": "#c2c7ca",
    "steel": "#9aa3a8",
    "concrete": "#cdc8be",
    "concrete_dark": "#a8a399",
    "terracotta": "#9a7260",
    "mast_red": "#c05a47",
    "white": "#eeece6",
    "bronze": "#8d6b3d",
}


def _linear(hex_colour: str) -> Pigment:
    srgb = np.array([int(hex_colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255.0
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    r, g, b = np.rint(linear * 255.0).astype(int).tolist()
    return r, g, b


_LINEAR = {name: _linear(value) for name, value in PALETTE.items()}


def pigment(*names: str) -> NDArray[np.uint8]:
    """The linear colours of some pigments: uint8 (n, 3). A name that is not in the palette is a KeyError."""
    return np.array([_LINEAR[name] for name in names], np.uint8)
