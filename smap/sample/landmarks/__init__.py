"""The landmarks of the sample city: real dimensions in, coloured models with three levels of detail out."""

from smap.sample.landmarks.write import gates, outlines, write_landmarks

__all__ = ["gates", "outlines", "write_landmarks"]
