"""XML in, item by item: no entities, no DTD, no depth, no item without an end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from smap.errors import InputError

__all__ = ["Element", "items", "local", "text_of"]

Element = Any
"""An element of xml.etree.ElementTree."""
DEEPEST = 64
MOST_ELEMENTS = 200_000
"""Of one item; a track of 10,000 points, the longest line that a record may have, has about 50,000."""


def items(stream: IO[bytes], names: frozenset[str], where: str) -> Iterator[tuple[list[Element], Element]]:
    """Give each element of such a local name when it is whole, with those around it, outermost first.

    An item is let go when the next one is asked for. Errors: InputError.
    """
    around: list[Element] = []
    held = 0
    try:
        for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                around.append(element)
                held += 1
                _check_size(len(around), held, where)
                continue
            around.pop()
            if local(element) in names and not any(local(outer) in names for outer in around):
                yield around, element
                if around:
                    around[-1].remove(element)  # else the next one's neighbours would be all before it
                held = len(around)
    except DefusedXmlException as error:
        raise InputError(f"{where} declares a document type or entities: none are read ({error})") from None
    except (ParseError, LookupError, ValueError) as error:
        raise InputError(f"{where} is no XML that can be read: {error}") from None


def _check_size(depth: int, held: int, where: str) -> None:
    if depth > DEEPEST:
        raise InputError(f"{where} nests elements more than {DEEPEST} deep")
    if held > MOST_ELEMENTS:
        raise InputError(f"{where} has more than {MOST_ELEMENTS} elements in one item: split it")


def local(element: Element) -> str:
    """Give an element's name without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def text_of(element: Element) -> str:
    """Give an element's own text without the spaces around it."""
    return (element.text or "").strip()
