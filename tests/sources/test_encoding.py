from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smap.errors import InputError, RecipeError
from smap.sources.encoding import dbf_encoding, python_codec

# A hangul syllable of the 2,350 in KS X 1001, which every Korean encoding has
SYLLABLES = st.text(
    st.sampled_from("가나다라마바사경복궁숭례문흥인지광화북악산낙서울종로중구"), min_size=2, max_size=10
)


def table(values: list[bytes], *, width: int = 40, driver: int = 0, name: bytes = b"NAME") -> io.BytesIO:
    """A DBF of one text field."""
    head = (
        struct.pack("<BBBBIHH", 3, 124, 1, 1, len(values), 32 + 32 + 1, 1 + width)
        + bytes(17)
        + bytes([driver])
    )
    field = name.ljust(11, b"\0") + b"C" + bytes(4) + bytes([width]) + bytes(15)
    records = b"".join(b" " + v[:width].ljust(width) for v in values)
    return io.BytesIO(head.ljust(32, b"\0") + field + b"\r" + records + b"\x1a")


def found(values: list[bytes], **options: object) -> tuple[str, str]:
    settings = {"given": None, "cpg": None, "fields": None, "where": "a.shp"}
    driver = options.pop("driver", 0)
    width = options.pop("width", 40)
    result = dbf_encoding(table(values, driver=driver, width=width), **{**settings, **options})  # type: ignore[arg-type]
    return result.codec, result.origin


@given(st.lists(SYLLABLES, min_size=1, max_size=20))
def test_korean_text_is_told_by_its_bytes(words: list[str]) -> None:
    assert found([w.encode("utf-8") for w in words])[0] == "utf-8"
    assert found([w.encode("cp949") for w in words])[0] == "cp949"


@given(st.lists(SYLLABLES, min_size=1, max_size=20))
def test_reading_one_korean_encoding_as_the_other_is_always_refused(words: list[str]) -> None:
    for truth, lie in (("utf-8", "cp949"), ("cp949", "utf-8"), ("cp949", "latin-1")):
        with pytest.raises(InputError, match=f"field 'NAME', row \\d+: .*set encoding = \"{truth}\""):
            found([w.encode(truth) for w in words], given=lie)


def test_the_recipe_wins_over_the_cpg_and_the_cpg_over_the_header() -> None:
    values = ["경복궁".encode("cp949")]
    assert found(values, given="cp949", cpg="UTF-8", driver=0x13) == ("cp949", "given")
    assert found(values, cpg="CP949\n", driver=0x13) == ("cp949", "cpg")
    assert found(values, driver=0x4E) == ("cp949", "header")
    assert found(values, driver=0x57) == ("cp949", "detected")


def test_plain_ascii_is_utf8() -> None:
    assert found([b"plain"]) == ("utf-8", "detected")


def test_a_character_cut_by_the_width_of_its_field_is_forgiven() -> None:
    assert found(["경복궁".encode("cp949")], width=5)[0] == "cp949"
    assert found(["경복궁".encode()], width=7)[0] == "utf-8"


def test_the_row_of_the_first_misfit_is_named() -> None:
    values = [b"plain"] * 9000 + ["경복궁".encode("cp949")]
    with pytest.raises(InputError, match="row 9001:"):
        found(values, given="utf-8")


def test_only_the_wanted_fields_are_judged() -> None:
    assert found(["경복궁".encode("cp949")], given="utf-8", fields=["OTHER"]) == ("utf-8", "given")


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(InputError, match="neither UTF-8 nor CP949"):
        found([b"\xff\xff\xff "])


def test_a_table_without_a_header_is_refused() -> None:
    with pytest.raises(InputError, match="no header"):
        dbf_encoding(io.BytesIO(b"abc"), given=None, cpg=None, fields=None, where="a.shp")


@pytest.mark.parametrize(
    ("written", "codec"),
    [
        ("CP949", "cp949"),
        ("EUC-KR", "cp949"),
        ("euc_kr", "cp949"),
        ("949", "cp949"),
        ("ANSI 949", "cp949"),
        ("UTF-8", "utf-8"),
        ("65001", "utf-8"),
        ("utf8", "utf-8"),
        ("ISO-8859-1", "iso8859-1"),
    ],
)
def test_encodings_are_known_by_the_names_that_people_write(written: str, codec: str) -> None:
    assert python_codec(written, where="a") == codec


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(RecipeError, match="unknown encoding 'johab2'"):
        python_codec("johab2", where="a")


def named(name: bytes, **options: object) -> tuple[str, str]:
    settings = {"given": None, "cpg": None, "fields": None, "where": "a.shp", **options}
    result = dbf_encoding(table([b"plain"], name=name), **settings)  # type: ignore[arg-type]
    return result.codec, result.origin


@pytest.mark.parametrize("codec", ["cp949", "utf-8"])
def test_where_only_the_names_of_fields_are_korean_they_tell(codec: str) -> None:
    assert named("건물명".encode(codec)) == (codec, "detected")


@pytest.mark.parametrize(("written", "said"), [("cp949", "UTF-8"), ("utf-8", "CP949")])
def test_names_of_fields_in_another_encoding_are_refused_with_the_right_one(written: str, said: str) -> None:
    with pytest.raises(InputError, match=f"the name of field '건물명'.*set encoding = \"{written}\""):
        named("건물명".encode(written), cpg=said)


def test_a_name_that_is_cut_within_a_letter_is_refused_with_what_to_do() -> None:
    with pytest.raises(
        InputError, match="'건축물…' is cut in the middle of a letter: give it a shorter name"
    ):
        named("건축물대장".encode()[:10])
