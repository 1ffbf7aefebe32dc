"""Unicode as an impostor uses it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.text import clean, deceptions, fold, romanise, skeleton, strip_invisible


@pytest.mark.parametrize(
    ("honest", "disguised"),
    [
        ("Jane", "Jаnе"),  # Cyrillic a and e
        ("Jane", "Ｊａｎｅ"),
        ("Jane", "𝓙𝓪𝓷𝓮"),
        ("McFaul", "McFauI"),
        ("modern", "rnodern"),
        ("hello", "hel1o"),
        ("jane_doe", "jane.doe"),
        ("jane_doe", "janedoe"),
        ("google", "gooogle"),
        ("Jane", "Ja\u200bne"),
        ("wave", "vvave"),
        ("scope", "ѕсоре"),
    ],
)
def test_what_looks_the_same_has_one_skeleton(honest: str, disguised: str) -> None:
    assert skeleton(honest) == skeleton(disguised)


@pytest.mark.parametrize(("one", "other"), [("jane", "jade"), ("brown", "braun"), ("anna", "hanna")])
def test_what_looks_different_has_two(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("Jаne Doe", {"mixed_script"}),
        ("McFauI", {"capital_i"}),
        ("Jane\u200b Doe", {"invisible"}),
        ("Jane Doe ✓", {"badge_glyph"}),
        ("Ｊane", {"styled_letters"}),
        ("jan3doe", {"digit_in_word"}),
        ("José Müller", set()),
        ("Иван Петров", set()),
        ("O'Neill IV", set()),
        ("IBM", set()),
        ("王小明", set()),
        ("Ali 👨‍👩‍👧", set()),
        ("می‌خواهم", set()),
    ],
)
def test_marks_of_deception(text: str, marks: set[str]) -> None:
    assert deceptions(text) == marks


def test_romanisation_follows_the_sound() -> None:
    assert romanise("Иван") == "ivan"
    assert romanise("Ōe Kenzaburō") == "oe kenzaburo"


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    fold(text)
    romanise(text)
    skeleton(text)
    deceptions(text)
    strip_invisible(text)


@given(st.text(max_size=100))
def test_a_skeleton_holds_letters_and_digits_only(text: str) -> None:
    assert all(c.isalnum() for c in skeleton(text))
