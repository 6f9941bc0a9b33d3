"""How high is it here: heights on the terrain that clients draw, from a published archive."""

from smap.ground.ground import Ground

__all__ = ["Ground"]
