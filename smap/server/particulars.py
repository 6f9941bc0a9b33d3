"""What a record says beside its text, as labelled HTML: particulars, facts, stories, stops, media.

All of it is escaped. What is not said in the language of the page is said in English, else in Korean, and
marked as such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Any

from smap.content.model import Field, LayerModel
from smap.content.readings import last_reading
from smap.server.links import quoted
from smap.server.words import CHOICES, WORDS, word

__all__ = ["dated", "linked", "lists", "particulars", "rights", "said_in", "spoken"]

Said = Mapping[str, Any]


def said_in(said: Said, stem: str, lang: str) -> tuple[str, str] | None:
    """A text in the language, else in English, else in Korean, and which; `stem` "" for `ko` and `en`."""
    names = {code: f"{stem}_{code}" if stem else code for code in (lang, "en", "ko")}
    return next(((str(said[name]), code) for code, name in names.items() if said.get(name)), None)


def spoken(said: Said, stem: str, lang: str) -> str:
    """The same as HTML; "" where there is none."""
    found = said_in(said, stem, lang)
    if found is None:
        return ""
    text, code = found
    return escape(text) if code == lang else f'<span lang="{code}">{escape(text)}</span>'


def linked(text: str, url: object) -> str:
    """The text, linked where the address is one of the web's."""
    if not str(url or "").startswith(("https://", "http://")):
        return escape(text)
    return f'<a href="{escape(str(url))}" rel="noopener external">{escape(text)}</a>'


def dated(day: object) -> str:
    """A day in brackets; "" for none."""
    text = escape(str(day or ""))
    return f' <time datetime="{text}">({text})</time>' if text else ""


def particulars(said: Said, model: LayerModel, lang: str) -> Iterator[tuple[str, str]]:
    """Label and HTML of each; what a record does not say has no line."""
    for key, tell in _TOLD.items():
        told = tell(said, lang)
        if told:
            yield WORDS[key][lang], told
    for name, field in model.fields.items():
        told = _declared(said.get(name), field) if field.label else ""
        if told:
            yield escape(field.label.get(lang) or field.label["en"]), told


def lists(said: Said, lang: str) -> str:
    """The sections of stops, facts, stories and media, as far as the record has them."""
    parts = (
        _section("stops", [_stop(stop, lang) for stop in said.get("stops", [])], lang, ordered=True),
        _section("facts", [_fact(fact, lang) for fact in said.get("facts", [])], lang),
        _section("stories", [_story(story, lang) for story in said.get("stories", [])], lang),
        _section("media", [_medium(medium, lang) for medium in said.get("media", [])], lang),
    )
    return "".join(parts)


Tell = Callable[[Said, str], str]


def _text(stem: str) -> Tell:
    return lambda said, lang: spoken(said, stem, lang)


def _plain(name: str) -> Tell:
    return lambda said, _lang: escape(str(said.get(name, "")))


def _chosen(name: str) -> Tell:
    return lambda said, lang: escape(word(CHOICES, str(said.get(name, "")), lang))


def _measured(name: str, unit: str, digits: int = 0) -> Tell:
    def tell(said: Said, _lang: str) -> str:
        value = said.get(name)
        return "" if value is None else f"{value:,.{digits}f}{unit}"

    return tell


def _designation(said: Said, lang: str) -> str:
    parts = [spoken(said, "designation", lang), escape(str(said.get("designated", "")))]
    return ", ".join(part for part in parts if part)


def _validity(said: Said, _lang: str) -> str:
    ends = [str(said.get(name, "")) for name in ("valid_from", "valid_to")]
    return escape(" – ".join(ends)) if any(ends) else ""


def _slope(said: Said, lang: str) -> str:
    """Of an alley the slope is told also where nobody measured it: it is not known."""
    if said.get("slope_percent") is not None:
        return f"{said['slope_percent']:.0f} %, {escape(str(said.get('slope_source', '')))}"
    return WORDS["not_known"][lang] if said.get("category") == "alley" else ""


_TOLD: Mapping[str, Tell] = {
    "designation": _designation,
    "built": _plain("built"),
    "valid": _validity,
    "era": _text("era"),
    "materials": _text("materials"),
    "holder": _text("holder"),
    "museum": _text("museum"),
    "hours": _text("hours"),
    "closed": _text("closed"),
    "fee": _text("fee"),
    "phone": _plain("phone"),
    "accessibility": _text("accessibility"),
    "season": _text("season"),
    "state": _chosen("state"),
    "lost_year": _plain("lost_year"),
    "masonry": _chosen("masonry"),
    "length": _measured("length_m", " m"),
    "height": _measured("height_m", " m", 1),
    "width": _measured("width_m", " m", 1),
    "minutes": _measured("minutes", " min"),
    "climb": _measured("climb_m", " m"),
    "steps": _measured("steps", ""),
    "slope": _slope,
    "then": _text("then"),
    "now": _text("now"),
}


def _declared(value: object, field: Field) -> str:
    """A value of a field that an operator declared."""
    if value is None:
        return ""
    if field.each == "reading" and isinstance(value, list):
        last = last_reading(value)
        return f"{last['value']:g} {escape(str(last.get('unit', '')))}{dated(last['time'])}"
    if isinstance(value, list):
        return escape(", ".join(map(str, value)))
    if field.kind == "url":
        return linked(str(value), value)
    if isinstance(value, bool):
        return "✓" if value else "–"
    number = f"{value:g}" if isinstance(value, float) else str(value)
    return escape(f"{number} {field.unit}" if field.kind == "number" else number)


def _section(key: str, rows: list[str], lang: str, *, ordered: bool = False) -> str:
    kind = "ol" if ordered else "ul"
    body = "".join(f"<li>{row}</li>" for row in rows)
    return f'<h2>{WORDS[key][lang]}</h2>\n<{kind} class="{key}">{body}</{kind}>\n' if rows else ""


def _source_of(entry: Said) -> str:
    source = linked(str(entry.get("source", "")), entry.get("source_url"))
    return f'<span class="source">{source}{dated(entry.get("date"))}</span>'


def _fact(fact: Said, lang: str) -> str:
    return f"{spoken(fact, '', lang)} {_source_of(fact)}"


def _story(story: Said, lang: str) -> str:
    along = f" ({story['along_m']:,.0f} m)" if story.get("along_m") is not None else ""
    title = f'<span class="title">{spoken(story, "title", lang)}{along}</span>'
    return f"{title} {spoken(story, '', lang)} {_source_of(story)}"


def _stop(stop: Said, lang: str) -> str:
    layer, id_ = str(stop.get("layer", "")), str(stop.get("id", ""))
    name = spoken(stop, "name", lang) or escape(id_)
    if layer and id_:
        name = f'<a href="/place/{quoted(layer)}/{quoted(id_)}?lang={lang}">{name}</a>'
    return name + (f" ({stop['minutes']:g} min)" if stop.get("minutes") else "")


def rights(medium: Said, lang: str) -> str:
    """Whose it is and what may be done with it, as HTML."""
    parts = [
        said_in(medium, "credit", lang) or (medium.get("credit"), lang),
        (medium.get("licence"), lang),
        (medium.get("kogl") and f"KOGL {medium['kogl']}", lang),
    ]
    return escape(" · ".join(str(part) for part, _ in parts if part))


def _medium(medium: Said, lang: str) -> str:
    words = said_in(medium, "alt", lang)
    shown = linked(words[0] if words else str(medium.get("kind", "")), medium.get("url"))
    return f'{shown} <span class="source">{rights(medium, lang)}</span>'
