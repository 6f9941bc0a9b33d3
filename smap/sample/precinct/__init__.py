"""Precincts of the sample city: what lies about the landmarks, from secondary halls to paving and trees."""

from smap.sample.precinct.facts import Precinct, read_precincts
from smap.sample.precinct.sinking import with_floors
from smap.sample.precinct.write import write_precincts

__all__ = ["Precinct", "read_precincts", "with_floors", "write_precincts"]
