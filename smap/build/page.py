"""The report as one page of HTML that needs no script and asks nobody for anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from smap.build.page_charts import city_map, share_bar, stacked_bars
from smap.build.page_words import words_of
from smap.build.report import BuildReport
from smap.build.report_city import HEIGHT_STEPS_M, CityReport, Problem

__all__ = ["as_page"]

_STYLE = Path(__file__).with_name("page.css")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""A browser that holds the page to this fetches nothing, whatever a name in the data says."""


def as_page(report: BuildReport, city: CityReport, title: Mapping[str, str], attribution: str) -> str:
    """The whole document. title: by language, ko and en; attribution: who is credited."""
    ko = title.get("ko") or report.tileset
    en = title.get("en") or report.tileset
    sections = [
        _map(city),
        _heights(city),
        f'<div class="two">{_estimate(city)}{_times(report)}</div>',
        _levels(city),
        _problems(city.problems),
        _warnings(report.warnings),
    ]
    return (
        '<!doctype html>\n<html lang="ko"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(ko)} · {escape(report.version)}</title>"
        f"<style>{_STYLE.read_text(encoding='utf-8')}</style></head>\n<body>"
        f"<header><h1>{escape(ko)}{_small(en) if en != ko else ''}</h1>"
        f'<p class="credit">{escape(attribution)}</p>{_key_figures(report, city)}</header>\n'
        f"<main>{''.join(sections)}</main>\n"
        f"<footer>{escape(report.tileset)} · {escape(report.version)}</footer></body></html>\n"
    )


def _small(english: str) -> str:
    return f'<small lang="en">{escape(english)}</small>'


def _heading(korean: str, english: str) -> str:
    return f"<h2>{korean}{_small(english)}</h2>"


def _both(code: str) -> str:
    korean, english = words_of(code)
    return f"{escape(korean)}{_small(english)}"


def _key_figures(report: BuildReport, city: CityReport) -> str:
    stored = sum(tile.bytes for tile in city.tiles)
    leaf = sum(tile.bytes for tile in city.tiles if tile.is_leaf)
    built, seconds = report.features_built, report.seconds.get("total", 0.0)
    figures = [
        ("지은 건물", "buildings built", f"{built:,}", f" /{report.features_read:,}"),
        ("타일", "tiles", f"{report.tiles:,}", ""),
        ("타일 크기", "bytes of tiles", *_in_bytes(stored)),
        ("가장 자세한 단계", "finest level", f"{leaf / max(built, 1):.0f}", " B/건물"),
        ("걸린 시간", "time", f"{seconds:.1f}", " s"),
        ("최대 메모리", "peak memory", f"{report.peak_rss_mb:,.0f}", " MB"),
    ]
    cells = "".join(
        f"<div><dt>{ko}{_small(en)}</dt><dd>{value}<small>{unit}</small></dd></div>"
        for ko, en, value, unit in figures
    )
    return f'<dl class="key">{cells}</dl>'


def _in_bytes(n: int) -> tuple[str, str]:
    return (f"{n / 1e6:.1f}", " MB") if n >= 1e6 else (f"{n / 1e3:.0f}", " kB")


def _section(korean: str, english: str, *parts: str) -> str:
    return f"<section>{_heading(korean, english)}{''.join(parts)}</section>"


def _table(rows: Iterable[Sequence[str]], heads: Sequence[str] = (), words: int = 1) -> str:
    """Rows of cells of HTML; all but the first so many (`words`) are figures, set to the right."""
    kinds = [""] * words + [' class="n"'] * 9
    head = "".join(f"<th{kind}>{cell}</th>" for kind, cell in zip(kinds, heads, strict=False))
    body = "".join(
        f"<tr>{''.join(f'<td{kind}>{cell}</td>' for kind, cell in zip(kinds, row, strict=False))}</tr>"
        for row in rows
    )
    return f'<div class="wide"><table>{f"<tr>{head}</tr>" if heads else ""}{body}</table></div>'


def _map(city: CityReport) -> str:
    legend = [
        ("dense", "건물 밀도", "density of buildings"),
        ("ring", "가장 자세한 타일", "finest tiles"),
    ]
    if len(city.gone):
        legend.append(("dot", f"뺀 것 {len(city.gone):,}", "left out, where that may be told"))
    items = "".join(
        f'<li><i class="{mark}"></i>{ko} · <span lang="en">{en}</span></li>' for mark, ko, en in legend
    )
    drawing = city_map(city.places, city.tiles, city.gone)
    return _section("지도", "Map", drawing, f'<ul class="legend">{items}</ul>')


def _heights(city: CityReport) -> str:
    order = ("height", "floors", "estimate", "default")
    counts = {name: city.heights[name] for name in order if name in city.heights}
    total = max(sum(map(sum, counts.values())), 1)
    shares = [(name, sum(column)) for name, column in counts.items()]
    rows = [(_both(name), f"{n:,}", f"{n / total:.1%}", share_bar(n / total, name)) for name, n in shares]
    axes = (
        '<p class="none">가로: 땅에서 지붕까지 m, 세로: 건물 수 · '
        '<span lang="en">across: metres from ground to roof; up: buildings</span></p>'
    )
    return _section("높이", "Heights", stacked_bars(counts, HEIGHT_STEPS_M), axes, _table(rows))


def _estimate(city: CityReport) -> str:
    name = ("추정의 오차", "How far estimates are off")
    tries = {how: told for how, told in city.estimate.items() if told.get("hidden")}
    if not tries:
        return _section(*name, '<p class="none">—</p>')
    heads = (
        "",
        "중앙 오차<br>median",
        "기본값이면<br>constant",
        "치우침<br>bias",
        "밝힌 오차 안<br>as stated",
    )
    rows = [
        (
            _both(how),
            f"{told['median_error_m']:.1f} m",
            f"{told['default_median_error_m']:.1f} m",
            f"{told['bias_mean_m']:+.1f} m",
            _percent(told["within_stated_error"]),
        )
        for how, told in tries.items()
    ]
    said = (
        "<p>이 도시에서 높이를 아는 건물을 가리고 추정해 보았다. "
        '<span class="none" lang="en">Known heights of this city were hidden and estimated.</span></p>'
    )
    return _section(*name, said, _table(rows, heads))


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.0%}"


def _times(report: BuildReport) -> str:
    total = max(report.seconds.get("total", 0.0), 0.01)
    rows = [
        (_both(stage), f"{seconds:.2f} s", share_bar(seconds / total, "time"))
        for stage, seconds in report.seconds.items()
    ]
    return _section("단계별 시간", "Time per stage", _table(rows))


def _levels(city: CityReport) -> str:
    levels = city.levels()
    most = max((level["bytes"] for level in levels), default=0) or 1
    heads = ("단계<br>level", "타일<br>tiles", "가장 자세한<br>finest", "삼각형<br>triangles")
    rows = [
        (
            f"{level['level']}",
            f"{level['tiles']:,}",
            f"{level['leaves']:,}",
            f"{level['triangles']:,}",
            f"{level['error_m']:g} m",
            f"{level['bytes'] / 1000:,.0f} kB",
            share_bar(level["bytes"] / most),
        )
        for level in levels
    ]
    more = ("최대 오차<br>error", "크기<br>bytes", "")
    return _section("단계별 타일", "Tiles per level", _table(rows, (*heads, *more), words=0))


def _problems(problems: Sequence[Problem]) -> str:
    met = [_problem(problem) for problem in problems if problem.count]
    none = '<p class="none">없음 · <span lang="en">none</span></p>'
    return _section("자료의 문제", "Problems in the data", *(met or [none]))


def _problem(problem: Problem) -> str:
    head = f"<b>{problem.count:,}</b><span>{_both(problem.code)}</span>"
    if not problem.examples:
        return f'<div class="told">{head}</div>'
    rows = [(_said(e["id"]), _said(e["value"]), f"{e['lat']:.6f}, {e['lon']:.6f}") for e in problem.examples]
    table = _table(rows, ("식별자 id", "값 value", "위도, 경도 lat, lon"), words=2)
    return f"<details open><summary>{head}</summary>{table}</details>"


def _said(value: Any) -> str:
    return "—" if value in (None, "") else escape(str(value))


def _warnings(warnings: Sequence[str]) -> str:
    lines = [f'<p class="say">{escape(line)}</p>' for line in warnings]
    return _section("알림", "Warnings", *lines) if lines else ""
