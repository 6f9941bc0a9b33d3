"""Write the landmarks' models and the recipes that place them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from smap.sample.landmarks.facts import ERAS, Landmark, court, outline, read_landmarks
from smap.sample.landmarks.forms import build
from smap.sample.landmarks.glb import plain_glb
from smap.sample.landmarks.occlusion import shaded
from smap.sample.models_recipe import model_source, models_recipe

__all__ = ["FACTS", "gates", "outlines", "write_landmark", "write_recipes"]

FACTS = "landmarks.toml"
DETAILS = ("", ".1", ".2")  # of a file's name, finest first
TITLES = {
    "": ("표본 도시의 명소", "Landmarks of the sample"),
    "today": ("표본 도시의 오늘 명소", "Landmarks of the sample: today"),
    "hanyang": (
        "표본 도시의 한양 명소(복원도)",
        "Landmarks of the sample: Hanyang before 1900, a reconstruction",
    ),
}
ATTRIBUTION = "S-Map sample: landmarks drawn from published dimensions"


def write_landmark(landmark: Landmark, out: Path) -> None:
    """Make its out/landmarks/*.glb, the finest first."""
    folder = out / "landmarks"
    folder.mkdir(parents=True, exist_ok=True)
    for detail, suffix in enumerate(DETAILS):
        (folder / f"{landmark.id}{suffix}.glb").write_bytes(plain_glb(shaded(build(landmark, detail))))


def write_recipes(landmarks: Sequence[Landmark], out: Path) -> list[Path]:
    """The recipes of models for landmarks that are written: of both eras, of today, of Hanyang."""
    recipes = []
    for era in ("", *ERAS):
        wanted = ERAS if era == "" else (era,)
        chosen = [landmark for landmark in landmarks if landmark.eras == wanted]
        path = out / f"landmarks{'_' + era if era else ''}.toml"
        path.write_text(_recipe(era, chosen), encoding="utf-8")
        recipes.append(path)
    return recipes


def outlines(facts_folder: Path, era: str) -> list[NDArray[np.float64]]:
    """The level ground around every landmark of an era: closed rings in degrees, float64 (5, 2)."""
    return [court(one) for one in read_landmarks(facts_folder / FACTS) if era in one.eras]


def gates(facts_folder: Path) -> list[NDArray[np.float64]]:
    """The ground of every gate, of all eras: closed rings in degrees, float64 (5, 2)."""
    return [outline(one) for one in read_landmarks(facts_folder / FACTS) if one.form == "gate"]


def _recipe(era: str, landmarks: list[Landmark]) -> str:
    name = f"sample-landmarks{'-' + era if era else ''}"
    return models_recipe(name, TITLES[era], ATTRIBUTION, map(_source, landmarks), era=era or None)


def _source(landmark: Landmark) -> str:
    properties: dict[str, str | float] = {
        "id": landmark.id,
        "name": landmark.name,
        "name_en": landmark.name_en,
        "year_built": landmark.year_built,
        "height": landmark.height_m,
        **({"content": landmark.content} if landmark.content else {}),
        "source": landmark.source,
        "date": landmark.date,
        "position_accuracy_m": landmark.position_accuracy_m,
    }
    place: dict[str, str | float] = {
        "lon": landmark.lon,
        "lat": landmark.lat,
        "height": "ground",
        "heading": landmark.heading_deg,
        "scale": 1.0,
    }
    return model_source([f"landmarks/{landmark.id}{suffix}.glb" for suffix in DETAILS], place, properties)
