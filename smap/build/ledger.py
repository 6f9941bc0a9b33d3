"""The ledger: what a build knows of each building beyond its tiles, so that the next one can amend it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap import __version__
from smap.build.engine import engine_digest
from smap.build.given import GivenFile
from smap.build.inputs import digest_of_recipe
from smap.build.recipe import RUNGS, Recipe
from smap.build.sealed import sealed_parts, unseal
from smap.formats.utf8 import Utf8
from smap.scene.heights import Heights

__all__ = ["Ledger", "ledger_name"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Ledger:
    """Of n buildings of a plan. plan: its name in the cache. files: what they were read from.

    row: int32 (m,), which building each row of the files is, -1 where none. unclear: bool (n,), whose own id
    names nobody alone. centroid: float64 (n, 2),
    radians. weight: int32 (n,), as the tree has it. heights: as settled. space: float64 (n, 6), in which
    their estimates look for neighbours, and use: object (n,); None where nothing is estimated, or by no use.
    """

    plan: str
    files: tuple[GivenFile, ...]
    row: NDArray[np.int32]
    unclear: NDArray[np.bool_]
    centroid: Array
    weight: NDArray[np.int32]
    heights: Heights
    space: Array | None
    use: NDArray[np.object_] | None

    @property
    def batches(self) -> list[str]:
        """Under which names the rows of the files are kept."""
        return [name for file in self.files for _, name in file.batches]

    def as_now(self, was: NDArray[np.int64]) -> Ledger:
        """Of the same buildings in another order. was: int64 (n,), which each was; heights may be changed."""
        heights = Heights(*(column[was] for column in vars(self.heights).values()))
        if (was == np.arange(len(was))).all():
            return replace(self, heights=heights)
        return replace(
            self,
            unclear=self.unclear[was],
            centroid=self.centroid[was],
            weight=self.weight[was],
            heights=heights,
            space=None if self.space is None else self.space[was],
            use=None if self.use is None else self.use[was],
        )

    def parts(self) -> list[bytes | memoryview]:
        """As parts of sealed bytes."""
        codes = np.zeros(len(self.heights.source), np.uint8)
        for code, word in enumerate(RUNGS):
            codes[self.heights.source == word] = code
        arrays: dict[str, NDArray[Any] | Utf8] = {
            "row": self.row,
            "unclear": self.unclear,
            "centroid": self.centroid,
            "weight": self.weight,
            "height": self.heights.height,
            "error": self.heights.error,
            "source": codes,
        }
        arrays |= {} if self.space is None else {"space": self.space}
        arrays |= {} if self.use is None else {"use": self.use}
        files = [(file.digest, file.batches) for file in self.files]
        return sealed_parts(arrays, {"plan": self.plan, "files": files})

    @staticmethod
    def unpack(data: bytes) -> Ledger:
        """From the bytes of `parts`."""
        arrays, facts = unseal(data)
        words = np.array(RUNGS, object)
        return Ledger(
            plan=facts["plan"],
            files=tuple(
                GivenFile(digest, tuple((rows, name) for rows, name in batches))
                for digest, batches in facts["files"]
            ),
            row=arrays["row"],
            unclear=arrays["unclear"],
            centroid=arrays["centroid"],
            weight=arrays["weight"],
            heights=Heights(arrays["height"], words[arrays["source"]], arrays["error"]),
            space=arrays.get("space"),
            use=arrays["use"].objects() if "use" in arrays else None,
        )


def ledger_name(recipe: Recipe) -> str:
    """The name of the ledger of a recipe, whatever its files hold."""
    told = f"{digest_of_recipe(recipe, __version__)} {engine_digest()}"
    return f"ledger-{sha256(told.encode()).hexdigest()[:32]}"
