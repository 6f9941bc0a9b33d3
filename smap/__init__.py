"""S-Map: a 3D virtual Seoul. The rooms and the order of their imports are drawn in ARCHITECTURE.md."""

__all__ = ["__version__"]

__version__ = "0.1.0"
