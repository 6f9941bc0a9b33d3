"""What buildings are beyond prisms on the ground: roofs, parts, what floats, surfaces of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.build.surveyed import Surveyed
from smap.scene.roof_form import SettledRoofs
from smap.scene.roof_pieces import Roofs
from smap.scene.surfaces import Surfaces

__all__ = ["PLAIN", "Form"]

Array = NDArray[np.float64]
_PREFIX = "form:"


@dataclass(frozen=True)
class Form:
    """Of n buildings; each is None where there is nothing of the kind.

    roofs: those that are not flat. base: float64 (n,), metres above the ground where each begins. holder:
    int64 (n,), for parts of a building the one of them whose properties are those of all. surveyed: roofs,
    walls and grounds as the source has them.
    """

    roofs: SettledRoofs | None = None
    base: Array | None = None
    holder: NDArray[np.int64] | None = None
    surveyed: Surveyed | None = None

    @property
    def is_plain(self) -> bool:
        """Whether all are prisms on the ground, one for each building."""
        return all(one is None for one in vars(self).values())

    def shown(self, n: int) -> NDArray[np.int64]:
        """One of each of n buildings: those that hold its row, int64."""
        return np.arange(n) if self.holder is None else np.flatnonzero(self.holder == np.arange(n))

    def of_whole(self, values: Array, area: Array) -> Array:
        """Values of each, float64 (n,); parts of a building have the mean of all of them, weighed by area."""
        if self.holder is None:
            return values
        total = np.bincount(self.holder, area * values, len(values))
        return np.asarray(
            (total / np.maximum(np.bincount(self.holder, area, len(values)), 1e-9))[self.holder]
        )

    def triangles(self, plain: NDArray[np.int64]) -> NDArray[np.int64]:
        """Triangles of each, int64 (n,), that as a prism has so many."""
        triangles = plain if self.roofs is None else plain + self.roofs.further_triangles
        if self.surveyed is None:
            return triangles
        own = self.surveyed.triangles
        return np.where(own > 0, np.maximum(own, triangles), triangles)

    def levels(self, ground: Array, height: Array) -> tuple[Array, Array, Array]:
        """Ellipsoidal metres of the flat roof that stands for each and of where it begins; by how much that
        roof lies off the true one. ground: of each whole building; height: metres.
        """
        base = np.zeros(len(ground)) if self.base is None else self.base
        top = ground + (height if self.roofs is None else self.roofs.mean)
        off = np.zeros(len(ground)) if self.roofs is None else self.roofs.off
        if (own := self.surveyed) is None:
            return top, ground + base, off
        is_own = ~np.isnan(own.mean)
        ground = np.where(np.isnan(own.ground), ground, own.ground)
        return (
            np.where(is_own, ground + own.mean, top),
            np.where(is_own, ground, ground + base),
            np.where(is_own, own.off, off),
        )

    def take(self, chosen: NDArray[np.int64]) -> Form:
        """The chosen ones in the order given; parts of a building are chosen together."""
        holder = None
        if self.holder is not None:
            place = np.full(len(self.holder), -1, np.int64)
            place[chosen] = np.arange(len(chosen))
            holder = place[self.holder[chosen]]
            assert (holder >= 0).all()
        return Form(
            None if self.roofs is None else self.roofs.take(chosen),
            None if self.base is None else self.base[chosen],
            holder,
            None if self.surveyed is None else self.surveyed.take(chosen),
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All of it as arrays by name; nothing where all are prisms on the ground."""
        found: dict[str, NDArray[Any]] = {}
        if self.roofs is not None:
            own = self.roofs
            found |= {f"roof:{name}": column for name, column in vars(own.roofs).items()}
            found |= {"height": own.height, "mean": own.mean, "further": own.further_triangles}
        if self.base is not None:
            found["base"] = self.base
        if self.holder is not None:
            found["holder"] = self.holder
        if self.surveyed is not None:
            found |= {f"surface:{name}": column for name, column in vars(self.surveyed.surfaces).items()}
            found |= {f"own:{name}": getattr(self.surveyed, name) for name in ("mean", "off", "ground")}
        return {_PREFIX + name: column for name, column in found.items()}

    @staticmethod
    def of_arrays(arrays: Mapping[str, NDArray[Any]]) -> Form:
        """From the arrays of `arrays`, among others."""
        own = {name.removeprefix(_PREFIX): a for name, a in arrays.items() if name.startswith(_PREFIX)}

        def under(kind: str) -> dict[str, NDArray[Any]]:
            return {name.removeprefix(kind): a for name, a in own.items() if name.startswith(kind)}

        roofs = surveyed = None
        if "mean" in own:
            roofs = SettledRoofs(Roofs(**under("roof:")), own["height"], own["mean"], own["further"], {})
        if "own:mean" in own:
            surveyed = Surveyed(Surfaces(**under("surface:")), **under("own:"))
        return Form(roofs, own.get("base"), own.get("holder"), surveyed)


PLAIN = Form()
"""Prisms on the ground."""
