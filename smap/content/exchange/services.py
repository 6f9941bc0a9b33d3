"""The three open APIs, page by page: 국가유산청 (khs), TourAPI (tour), data.seoul.go.kr (seoul)."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote, unquote, urlencode

from smap.content.exchange.fetching import Client
from smap.content.exchange.khs import khs_rows, khs_total
from smap.content.exchange.openapi import Answer, seoul_answer, tour_answer
from smap.content.exchange.row import MOST_ROWS, Row
from smap.errors import InputError, UsageError

__all__ = ["SERVICES", "Service", "fetch_rows"]

Parameters: TypeAlias = Mapping[str, str]
_DETAIL_KEYS = ("ccbaKdcd", "ccbaAsno", "ccbaCtcd")


@dataclass(frozen=True)
class Service:
    """An open API: where it is, in which variable of the environment its key stands ("": it needs none).

    `usual`: parameters of a request unless others are given; `page`: rows of a page.
    """

    title: str
    base: str
    key_variable: str
    usual: Parameters
    page: int


SERVICES: Mapping[str, Service] = {
    "khs": Service(
        "the Korea Heritage Service",
        "https://www.khs.go.kr/cha",
        "",
        {"ccbaCtcd": "11", "ccbaCncl": "N"},
        100,
    ),
    "tour": Service(
        "TourAPI",
        "https://apis.data.go.kr/B551011/KorService2",
        "SMAP_TOURAPI_KEY",
        {"lDongRegnCd": "11", "MobileOS": "ETC", "MobileApp": "S-Map", "arrange": "A"},
        1000,
    ),
    "seoul": Service("data.seoul.go.kr", "http://openapi.seoul.go.kr:8088", "SMAP_SEOUL_KEY", {}, 1000),
}
"""`ccbaCtcd` and `lDongRegnCd` 11: Seoul; `ccbaCncl` N: designations that stand; 1,000 rows are the most."""


def fetch_rows(
    name: str,
    client: Client,
    *,
    key: str = "",
    parameters: Parameters | None = None,
    dataset: str = "",
    details: bool = False,
) -> Iterator[Row]:
    """Give all rows of a service. `dataset`: of data.seoul.go.kr, as TbPublicWifiInfo.

    `details`: ask the heritage service for each item's detail too (one more request an item).
    Errors: InputError in one line that never holds the key; UsageError.
    """
    service = SERVICES[name]
    given = {**service.usual, **(parameters or {})}
    if name == "khs":
        yield from _khs(client, service, given, details=details)
    elif name == "tour":
        yield from _paged(service, lambda number: _tour_page(client, service, given, key, number))
    else:
        if not dataset.isascii() or not dataset.isalnum():
            raise UsageError("data.seoul.go.kr has many sets: name one by --dataset, as TbPublicWifiInfo")
        yield from _paged(service, lambda number: _seoul_page(client, service, key, dataset, number))


def _paged(service: Service, page: Callable[[int], Answer]) -> Iterator[Row]:
    """Ask for page after page until all rows are there, or none come any more."""
    number, given = 0, 0
    while True:
        number += 1
        answer = page(number)
        yield from map(Row, answer.rows)
        given += len(answer.rows)
        if given > MOST_ROWS:
            raise InputError(f"{service.title} has more than {MOST_ROWS} records: narrow it by --param")
        if not answer.rows or given >= answer.total:
            return


def _tour_page(client: Client, service: Service, given: Parameters, key: str, number: int) -> Answer:
    """A key of data.go.kr is handed out in two forms, of which one is escaped already."""
    paging = {"_type": "json", "numOfRows": str(service.page), "pageNo": str(number)}
    query = f"serviceKey={quote(unquote(key), safe='')}&{urlencode({**given, **paging})}"
    what = f"{service.title}, page {number}"
    return _scrubbed(client, lambda: tour_answer(client.text(f"/areaBasedList2?{query}", what), what))


def _seoul_page(client: Client, service: Service, key: str, dataset: str, number: int) -> Answer:
    first = (number - 1) * service.page + 1
    what = f"{service.title} {dataset}, rows {first}–{first + service.page - 1}"
    path = f"/{quote(key, safe='')}/json/{dataset}/{first}/{first + service.page - 1}/"
    return _scrubbed(client, lambda: seoul_answer(client.text(path, what), what))


def _scrubbed(client: Client, work: Callable[[], Answer]) -> Answer:
    """An answer may tell the key back."""
    try:
        return work()
    except InputError as error:
        raise InputError(client.scrub(str(error))) from None


def _khs(client: Client, service: Service, given: Parameters, *, details: bool) -> Iterator[Row]:
    def page(number: int) -> Answer:
        query = urlencode({**given, "pageUnit": str(service.page), "pageIndex": str(number)})
        what = f"{service.title}, page {number}"
        body = client.get(f"/SearchKindOpenapiList.do?{query}", what)
        rows = [row.fields for row in khs_rows(io.BytesIO(body), what)]
        return Answer(rows, khs_total(body, len(rows)))

    for row in _paged(service, page):
        yield _with_detail(client, service, row) if details else row


def _with_detail(client: Client, service: Service, row: Row) -> Row:
    keys = {name: str(row.fields.get(name, "")) for name in _DETAIL_KEYS}
    if not all(keys.values()):
        return row
    what = f"{service.title}, detail {'-'.join(keys.values())}"
    body = client.get(f"/SearchKindOpenapiDt.do?{urlencode(keys)}", what)
    found = next(khs_rows(io.BytesIO(body), what), Row())
    return Row({**row.fields, **found.fields})
