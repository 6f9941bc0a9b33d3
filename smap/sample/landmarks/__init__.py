"""The landmarks of the sample city: real dimensions in, coloured models with three levels of detail out."""

from smap.sample.landmarks.write import outlines, write_landmarks

__all__ = ["outlines", "write_landmarks"]
