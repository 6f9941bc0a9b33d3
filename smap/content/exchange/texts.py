"""Other people's values as ours: markup out, one Unicode form, dates and numbers as we write them. Pure."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Any

import nh3

from smap.content.model import Kind

__all__ = ["filled", "plain_text", "value_of"]

MOST_ESCAPES = 3
"""How often markup may have been escaped; what is still markup then is refused by the check."""
_DATE = re.compile(r"(\d{4})(?:[-./](\d{1,2})[-./](\d{1,2})\.?|(\d\d)(\d\d))(?:[ T]?[\d:.]*)?", re.ASCII)
"""20240301, 2024.3.1, 2024-03-01 09:30:00.0, 20240301093000."""
_THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_BLOCKS = re.compile(r"<(?=br|/p|/div|/li|/h\d|/tr)", re.IGNORECASE)
_NAMED = re.compile(r"\{(\w+)\}", re.ASCII)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|_x000D_")
"""What spreadsheets and old databases leave in texts."""
_DATED = ("designated",)
"""Lines of ours that hold a day where the source tells one."""


def value_of(value: Any, kind: Kind, name: str = "") -> Any:
    """Give a value of theirs as one of ours of such a kind; what cannot be is left for the check to name."""
    if isinstance(value, int | float) and not isinstance(value, bool) and kind not in ("number", "count"):
        value = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    if not isinstance(value, str):
        return value
    if kind in ("number", "count"):
        return _number(value)
    if kind == "truth":
        return {"true": True, "false": False}.get(value.strip().lower(), value)
    text = plain_text(value)
    if kind in ("date", "when") or name in _DATED:
        return _date(" ".join(text.split()))
    return text if kind == "text" else " ".join(text.split())


def plain_text(value: str) -> str:
    """Take markup out: nh3 drops tags and scripts, then its entities become characters again; NFC."""
    text = _CONTROLS.sub("", value)
    for _ in range(MOST_ESCAPES):
        if nh3.is_html(text):
            text = nh3.clean(_BLOCKS.sub("\n<", text), tags=set())
            text = "\n".join(line for line in (" ".join(line.split()) for line in text.splitlines()) if line)
        text = html.unescape(text)
        if not nh3.is_html(text):
            break
    return unicodedata.normalize("NFC", text.replace("\xa0", " "))


def filled(template: str, fields: dict[str, Any]) -> str | None:
    """Put the fields that a text names in braces into it; None where one of them has no value."""
    names = _NAMED.findall(template)
    if any(fields.get(name) in (None, "") for name in names):
        return None
    return _NAMED.sub(lambda found: str(fields[found[1]]), template)


def _number(value: str) -> Any:
    text = value.strip()
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    try:
        return float(text) if text else None
    except ValueError:
        return value


def _date(text: str) -> str:
    found = _DATE.fullmatch(text)
    if found is None:
        return text
    year, month, day = found[1], found[2] or found[4], found[3] or found[5]
    return f"{year}-{int(month):02d}-{int(day):02d}"
