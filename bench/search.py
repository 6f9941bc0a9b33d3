"""Search, box queries and lists over 100,000 made records, through HTTP with one worker and one connection.

The records are made from the names of Seoul's quarters with a fixed seed: Korean, English, Chinese, an
address, a place in the city. Limits, at the 95th of 100 questions of each form: 10 ms for a search and for
suggestions, 5 ms for records in a box, 20 ms for a page of a list. `p95_quiet_ms` is the lower quartile of
five rounds: other work on the machine slows some rounds, not what is measured.
"""

from __future__ import annotations

import http.client
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from smap.content.database import content_path, open_database, writing
from smap.content.ledger import append, set_published
from smap.content.record import Draft
from smap.content.search.hangul import choseong, keystrokes
from smap.content.search.romanise import romanised

__all__ = ["measure"]

_SEED = 20261127
_RECORDS, _QUESTIONS, _ROUNDS = 100_000, 100, 5
_LIMITS_MS = {"search": 10.0, "suggest": 10.0, "box": 5.0, "list": 20.0}
_WEST, _SOUTH, _EAST, _NORTH = 126.80, 37.45, 127.15, 37.68
_PLACE_NAMES = (
    "경복궁 창덕궁 창경궁 덕수궁 종묘 숭례문 흥인지문 광화문 청운 효자 사직 삼청 부암 평창 무악 교남 "
    "가회 혜화 명륜 이화 창신 숭인 소공 회현 명동 필동 장충 광희 을지로 신당 다산 약수 청구 동화 황학 "
    "중림 후암 용산 남영 청파 원효로 효창 용문 이촌 이태원 한남 서빙고 보광 왕십리 마장 사근 행당 "
    "응봉 금호 옥수 성수 송정 용답 화양 군자 중곡 능동 구의 광장 자양 건대 용신 제기 전농 답십리 장안 "
    "청량리 회기 휘경 이문 면목 상봉 중화 묵동 망우 신내 돈암 동소문 삼선 성북 안암 보문 정릉 길음 "
    "종암 월곡 장위 석관 삼양 미아 송중 송천 삼각산 번동 수유 우이 인수 쌍문 방학 창동 도봉 월계 공릉 "
    "하계 중계 상계 녹번 불광 갈현 구산 대조 응암 역촌 신사 증산 수색 진관 천연 북아현 충현 신촌 연희 "
    "홍제 홍은 남가좌 북가좌 공덕 아현 도화 용강 대흥 염리 신수 서강 서교 합정 망원 연남 성산 상암 "
    "목동 신월 신정 강일 고덕 명일 상일 암사 천호 성내 둔촌 잠실 석촌 송파 가락 문정 장지 위례 방이 "
    "오륜 논현 압구정 청담 삼성 대치 역삼 도곡 개포 세곡 일원 수서 서초 잠원 반포 방배 양재 내곡 "
    "노량진 상도 흑석 사당 대방 신대방 보라매 은천 낙성대 신림 난곡 여의도 당산 도림 문래 양평 신길 "
    "대림 가산 독산 시흥 구로 고척 개봉 오류 수궁 가양 등촌 화곡 우장산 발산 공항 방화 염창"
)
_PLACES = _PLACE_NAMES.split()
_KINDS = {
    "공원": "Park",
    "역": "Station",
    "시장": "Market",
    "도서관": "Library",
    "초등학교": "Elementary School",
    "고등학교": "High School",
    "약국": "Pharmacy",
    "카페": "Cafe",
    "식당": "Restaurant",
    "서점": "Bookshop",
    "병원": "Hospital",
    "아파트": "Apartments",
    "빌딩": "Building",
    "미술관": "Art Museum",
    "박물관": "Museum",
    "교회": "Church",
    "성당": "Cathedral",
    "사찰": "Temple",
    "경로당": "Senior Center",
    "어린이집": "Nursery",
    "주민센터": "Community Center",
    "우체국": "Post Office",
    "파출소": "Police Box",
    "은행": "Bank",
    "한옥": "Hanok",
    "골목": "Alley",
    "터": "Site",
    "문화센터": "Cultural Center",
    "체육관": "Gymnasium",
    "다리": "Bridge",
}
_SYLLABLES = (
    "가나다라마바사아자하경국군금길나남대도동두란림명문미민백별보봉산상서선설성소솔송수숲승신아"
    "안양연영예오온우원월유윤은의이인일재정조종주준중지진찬천청초춘태평하한해현혜호홍화효희"
)
_HANJA = "慶光金南大東明文美民白山西善城松水新安陽永玉龍元月仁一正中地天靑春太平海華興"
_PARTICLES = ("에서", "은", "는", "이", "까지", "으로", "에")


def measure(data: Path, work: Path) -> dict[str, Any]:
    """Milliseconds of each form of question; `data` is not needed."""
    workspace = work / f"search-{_RECORDS}"
    records = list(_made())
    took = _filled(workspace, records)
    forms = {name: list(asked) for name, asked in _forms(records)}
    with _served(workspace) as address:
        told = {name: _timed(address, asked) for name, asked in forms.items()}
    missed = sorted(
        name for name, times in told.items() if times["p95_quiet_ms"] > _LIMITS_MS[_kind_of(name)]
    )
    return {"limits_ms": _LIMITS_MS, "records": _RECORDS, "filled_s": took, "forms": told, "over": missed}


def _kind_of(form: str) -> str:
    return form.partition(" ")[0] if form.partition(" ")[0] in _LIMITS_MS else "search"


def _made() -> Iterator[Draft]:
    rng = random.Random(_SEED)
    kinds = list(_KINDS)
    for number in range(_RECORDS):
        place, kind = rng.choice(_PLACES), rng.choice(kinds)
        own = "".join(rng.choices(_SYLLABLES, k=rng.choice((0, 2, 2, 2, 3))))
        korean = f"{place}{' ' if own and rng.random() < 0.3 else ''}{own}{kind}"
        english = " ".join(filter(None, (romanised(place).title(), romanised(own).title(), _KINDS[kind])))
        lon, lat = round(rng.uniform(_WEST, _EAST), 6), round(rng.uniform(_SOUTH, _NORTH), 6)
        road, house = rng.choice(_PLACES), rng.randint(1, 400)
        properties = {
            "name_ko": korean,
            "name_en": english,
            "name_hanja": "".join(rng.choices(_HANJA, k=4)),
            "address_ko": f"서울특별시 {rng.choice(_PLACES)}구 {road}로 {house}",
            "address_en": f"{house} {romanised(road).title()}-ro, Seoul",
            "text_ko": f"{korean}은 잰 것이 아니라 지어낸 곳이다. " * 4,
            "text_en": f"{english} is a made place. " * 4,
            "category": "site",
            "source": "made for a benchmark",
            "position_accuracy_m": 10.0,
        }
        geometry = {"type": "Point", "coordinates": [lon, lat]}
        yield Draft("heritage", f"made-{number}", geometry, properties)


def _filled(workspace: Path, records: list[Draft]) -> float:
    """Write and publish all records, as an import does, anew each time; seconds."""
    workspace.mkdir(parents=True, exist_ok=True)
    for path in workspace.glob("content.db*"):
        path.unlink()
    engine = open_database(content_path(workspace), create=True)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    start = time.perf_counter()
    with writing(engine) as connection:
        for number, draft in enumerate(records):
            if number % 10_000 == 0:
                print(f"search: {number:,} of {len(records):,} records", file=sys.stderr)
            head = append(connection, None, draft, action="imported", author="bench", now=now)
            set_published(connection, head, draft)
    took = time.perf_counter() - start
    engine.dispose()
    return round(took, 1)


def _forms(records: list[Draft]) -> Iterator[tuple[str, Iterator[str]]]:
    """The forms of question by name: addresses, each another one."""
    rng = random.Random(_SEED + 1)
    some = [record.properties for record in rng.sample(records, _QUESTIONS)]
    korean = [str(p["name_ko"]) for p in some]
    english = [str(p["name_en"]) for p in some]
    texts = {
        "whole Korean name": korean,
        "two syllables": [name[at : at + 2] for name in korean for at in [rng.randrange(len(name) - 1)]],
        "quarter": [rng.choice(_PLACES) for _ in some],
        "kind": [rng.choice(list(_KINDS)) for _ in some],
        "quarter and kind": [f"{name[:2]} {rng.choice(list(_KINDS))}" for name in korean],
        "particle": [name.replace(" ", "") + rng.choice(_PARTICLES) for name in korean],
        "initial consonants": [choseong(name.replace(" ", ""))[: rng.choice((3, 4, 5))] for name in korean],
        "two initial consonants": [choseong(name.replace(" ", ""))[:2] for name in korean],
        "half typed": [name[:2] + choseong(name[2:3]) for name in korean],
        "other keyboard": [keystrokes(name.replace(" ", "")) for name in korean],
        "English on the Korean keyboard": [_in_korean_mode(name.split()[0]) for name in english],
        "English name": english,
        "English word": [rng.choice(name.split()) for name in english],
        "romanised": [name.split()[0].lower() for name in english],
        "McCune and Reischauer": [_old_way(name.split()[0]) for name in english],
        "Chinese characters": [str(p["name_hanja"])[:2] for p in some],
        "address": [str(p["address_ko"]).split(" ", 2)[2] for p in some],
        "address in English": [str(p["address_en"]).partition(",")[0] for p in some],
        "typo in Korean": [_mistyped(rng, name.replace(" ", "")) for name in korean],
        "typo in English": [
            " ".join([_mistyped(rng, name.split()[0]), *name.split()[1:]]) for name in english
        ],
        "nothing": [f"쀍{name[1:]}" for name in korean],
    }
    for name, asked in texts.items():
        yield name, (f"/api/search?q={quote(text)}" for text in asked)
    yield "near", (f"/api/search?q={quote(name[:2])}&near={_place(rng)}" for name in korean)
    yield "kind near", (f"/api/search?q={quote(rng.choice(list(_KINDS)))}&near={_place(rng)}" for _ in some)
    yield "suggest one syllable", (f"/api/search/suggest?q={quote(name[:1])}" for name in korean)
    yield "suggest two syllables", (f"/api/search/suggest?q={quote(name[:2])}" for name in korean)
    yield (
        "suggest half typed",
        (f"/api/search/suggest?q={quote(name[:1] + choseong(name[1]))}" for name in korean),
    )
    yield "suggest Latin", (f"/api/search/suggest?q={quote(name[: rng.randint(1, 5)])}" for name in english)
    items = "/api/collections/heritage/items"
    yield "box", (f"{items}?bbox={_box(rng)}" for _ in some)
    yield "list", (f"{items}?offset={rng.randrange(_RECORDS)}" for _ in some)
    yield "list of 100", (f"{items}?limit=100&offset={100 * n}" for n in range(_QUESTIONS))


def _place(rng: random.Random) -> str:
    return f"{rng.uniform(_WEST, _EAST):.5f},{rng.uniform(_SOUTH, _NORTH):.5f}"


def _box(rng: random.Random) -> str:
    """About a square kilometre, some 180 records."""
    west, south = rng.uniform(_WEST, _EAST - 0.011), rng.uniform(_SOUTH, _NORTH - 0.009)
    return f"{west:.5f},{south:.5f},{west + 0.0113:.5f},{south + 0.009:.5f}"


def _in_korean_mode(word: str) -> str:
    from smap.content.search.hangul import as_hangul

    return as_hangul(word.lower())


def _old_way(word: str) -> str:
    pairs = {"g": "k", "d": "t", "b": "p", "j": "ch", "eo": "ŏ", "eu": "ŭ"}
    return re.sub("eo|eu|[gdbj]", lambda found: pairs[found[0]], word.lower())


def _mistyped(rng: random.Random, word: str) -> str:
    """One letter of a keyboard wrong: in Korean the vowel of a syllable, in English any letter."""
    at = rng.randrange(len(word))
    if word[at] >= "가":
        turned = ord(word[at]) - 0xAC00
        other = turned - turned % 588 + (turned + 28) % 588
        return word[:at] + chr(0xAC00 + other) + word[at + 1 :]
    return word[:at] + rng.choice("aeioukst") + word[at + 1 :]


@contextmanager
def _served(workspace: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "smap.cli.main", "serve", "--port", "0", "--workspace", str(workspace)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        assert server.stdout is not None
        told = (re.search(r"http://[\w.:]+", line) for line in server.stdout)
        address = next(found for found in told if found).group()
        drain = threading.Thread(target=server.stdout.read)
        drain.start()
        try:
            yield address
        finally:
            server.terminate()
            drain.join()


def _timed(address: str, asked: list[str]) -> dict[str, Any]:
    """Every question in each round, after one that warms the caches of the machine."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc)
    rounds = [sorted(_milliseconds(connection, path) for path in asked) for _ in range(_ROUNDS + 1)]
    connection.close()
    return {
        "p50_ms": round(_middle([_at(times, 0.5) for times in rounds[1:]]), 2),
        "p95_ms": round(_middle([_at(times, 0.95) for times in rounds[1:]]), 2),
        "p95_quiet_ms": round(_at(sorted(_at(times, 0.95) for times in rounds[1:]), 0.25), 2),
    }


def _milliseconds(connection: http.client.HTTPConnection, path: str) -> float:
    """From the question to the last byte of its answer.

    A machine that is stopped for more than five seconds finds its connection closed: the server lets go of
    idle ones, and a client opens the next (RFC 9112, 9.5).
    """
    start = time.perf_counter()
    try:
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
    except http.client.RemoteDisconnected:
        connection.close()
        return _milliseconds(connection, path)
    body = answer.read()
    took = (time.perf_counter() - start) * 1000.0
    assert answer.status == 200, (path, body)
    return took


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
