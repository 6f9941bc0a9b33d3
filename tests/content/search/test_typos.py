from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smap.content.search.typos import edits, most_edits, variants

words = st.text("abcdefgh", min_size=4, max_size=14)


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [("abcd", "abcd", 0), ("abcd", "abdc", 1), ("abcd", "abd", 1), ("abcd", "axcd", 1), ("abcd", "xbcx", 2),
     ("abcd", "wxyz", 3), ("abcd", "abcdefg", 3)],
)  # fmt: skip
def test_edits_are_counted_up_to_two(one: str, other: str, count: int) -> None:
    assert edits(one, other) == edits(other, one) == count


@given(words, st.data())
def test_a_word_with_one_edit_shares_a_word_of_the_index_at_each_end(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("abcdefghz"))
    wrong = data.draw(
        st.sampled_from(
            [word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :]]
        )
    )
    if len(wrong) < 4:
        return
    assert edits(word, wrong) <= 1
    indexed = {one for end in variants(word) for one in end}
    assert all(indexed & set(end) for end in variants(wrong)) or (len(word) <= 7 < len(wrong))


def test_short_words_bear_no_edit_and_long_ones_two() -> None:
    assert [most_edits("a" * length) for length in (3, 4, 8, 9)] == [0, 1, 1, 2]
    assert variants("abc") == ()
