"""The words of the server's own pages in Korean and English; keys are those of the content model."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CATEGORIES", "MEANS", "WORDS"]

Word = Mapping[str, str]

WORDS: Mapping[str, Word] = {
    "ko": {
        "other": "English",
        "view": "3차원으로 보기",
        "designation": "지정",
        "built": "건립",
        "length": "길이",
        "position": "위치",
        "approximate": "대략의 위치",
        "position_source": "위치 출처",
        "source": "출처",
        "licence": "글 이용 조건",
    },
    "en": {
        "other": "한국어",
        "view": "See it in 3D",
        "designation": "Designation",
        "built": "Built",
        "length": "Length",
        "position": "Position",
        "approximate": "approximate",
        "position_source": "Source of the position",
        "source": "Source",
        "licence": "Licence of the text",
    },
}


def _pairs(text: str) -> dict[str, Word]:
    """Lines of `key = Korean = English`."""
    rows = (line.split(" = ") for line in text.strip().splitlines())
    return {key.strip(): {"ko": korean, "en": english} for key, korean, english in rows}


MEANS: Mapping[str, Word] = _pairs(
    """
    gate_centre = 문의 중심 = centre of the gate
    building_centre = 건물의 중심 = centre of the building
    summit = 꼭대기 = summit
    site_centre = 터의 중심 = centre of the site
    area_centre = 구역의 중심 = centre of the area
    entrance = 들어가는 곳 = entrance
    marker = 표지가 선 곳 = where the marker stands
    line = 선 = line
    """
)
CATEGORIES: Mapping[str, Word] = _pairs(
    """
    palace = 궁궐 = palace
    palace_gate = 궁문 = palace gate
    palace_hall = 전각 = palace hall
    gate = 성문 = gate
    shrine = 사당 = shrine
    tomb = 능묘 = tomb
    pagoda = 탑 = pagoda
    monument = 기념물 = monument
    bridge = 다리 = bridge
    beacon = 봉수대 = beacon
    belfry = 종루 = belfry
    school = 학교 = school
    residence = 집 = residence
    prehistoric = 선사 유적 = prehistoric site
    temple = 절 = temple
    tower = 탑루 = tower
    site = 터 = site
    landmark = 명소 = landmark
    museum = 박물관 = museum
    market = 시장 = market
    park = 공원 = park
    square = 광장 = square
    stream = 물길 = stream
    viewpoint = 전망 좋은 곳 = viewpoint
    course = 코스 = course
    section = 성곽 구간 = wall section
    segment = 성벽 부분 = wall segment
    gate_site = 문 터 = site of a gate
    water_gate = 수문 = water gate
    stamp = 도장 찍는 곳 = stamp point
    summit = 봉우리 = summit
    area = 구역 = area
    walk = 걷는 길 = walk
    alley = 골목 = alley
    alley_area = 골목 동네 = alley quarter
    """
)
