"""The landmarks of the sample city: real dimensions in, coloured models with three levels of detail out."""

from smap.sample.landmarks.facts import read_landmarks
from smap.sample.landmarks.write import FACTS, gates, outlines, write_landmark, write_recipes

__all__ = ["FACTS", "gates", "outlines", "read_landmarks", "write_landmark", "write_recipes"]
