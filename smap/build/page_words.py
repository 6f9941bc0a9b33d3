"""The words of the report's page, Korean and English side by side."""

from __future__ import annotations

__all__ = ["words_of"]

_WORDS = {
    "height": ("높이 값", "height given"),
    "floors": ("층수에서", "from floors"),
    "estimate": ("추정", "estimated"),
    "default": ("기본값", "default"),
    "at_random": ("무작위로 가린 20 %", "a fifth hidden at random"),
    "by_square_km": ("1 km 구역째 가린 20 %", "a fifth hidden by whole squares of 1 km"),
    "read": ("읽기", "read"),
    "settle": ("높이·이름 정하기", "settle heights and names"),
    "assign": ("타일에 나누기", "assign to tiles"),
    "terrain": ("지형", "terrain"),
    "ground": ("땅에 앉히기", "seat on the ground"),
    "tiles": ("타일 쓰기", "write tiles"),
    "total": ("모두", "total"),
    "dropped_duplicate": ("뺌: 모양과 속성이 같은 중복", "left out: same shape and attributes as another"),
    "dropped_masked": ("뺌: 보안 구역", "left out: under a mask"),
    "dropped_no_geometry": ("뺌: 도형 없음", "left out: no geometry"),
    "dropped_not_a_polygon": ("뺌: 면이 아닌 도형", "left out: not a polygon"),
    "dropped_outside_area": ("뺌: 범위 밖", "left out: outside of the area"),
    "height_zero": ("높이 0: 모름으로 봄", "height 0: taken as unknown"),
    "height_negative": ("음수 높이: 모름으로 봄", "negative height: taken as unknown"),
    "height_above_600_m": ("600 m를 넘는 높이: 모름으로 봄", "height above 600 m: taken as unknown"),
    "height_blank": ("높이 값이 빈 건물", "height blank: floors, an estimate or the default stand in"),
    "floors_zero": ("0층: 모름으로 봄", "0 floors: taken as unknown"),
    "floors_negative": ("음수 층수: 모름으로 봄", "negative floors: taken as unknown"),
    "floors_above_600_m": ("600 m를 넘는 층수: 모름으로 봄", "floors beyond 600 m: taken as unknown"),
    "floors_against_height": ("높이와 층수가 서로 어긋남", "height and floors contradict each other"),
    "id_blank_or_double": ("빈 식별자나 중복 식별자", "blank or double id"),
    "ring_repaired": ("고친 외곽선", "outline repaired"),
    "beyond_the_terrain": ("지형 자료 밖에 선 건물", "stands beyond the terrain's data"),
    "tile_above_200_kb": ("200 kB를 넘는 타일", "tile above 200 kB"),
}


def words_of(code: str) -> tuple[str, str]:
    """Korean and English for a code of the report; an unknown one, such as a field's, as it is."""
    if code.startswith("no_number_in_"):
        field = code.removeprefix("no_number_in_")
        return f"숫자가 아닌 값: {field}", f"no number in {field}"
    plain = code.removeprefix("dropped_").replace("_", " ")
    fallback = (f"뺌: {plain}", f"left out: {plain}") if code.startswith("dropped_") else (code, plain)
    return _WORDS.get(code, fallback)
