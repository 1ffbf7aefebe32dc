"""Names: Chinese and Korean syllables in several romanisations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.name_syllables import fold_name, fold_syllables
from matchers.names import compare_names
from matchers.profile import Account, Subject
from matchers.world import DEFAULT_WORLD


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("zh", "hsiao", "xiao"),
        ("zh", "chang", "zhang"),
        ("zh", "tsetung", "zedong"),
        ("zh", "chinping", "jinping"),
        ("zh", "hsien", "xian"),
        ("zh", "kuo", "guo"),
        ("zh", "tsai", "cai"),
        ("zh", "szu", "su"),
        ("ko", "myong", "myeong"),
        ("ko", "park", "bak"),
        ("ko", "chulsoo", "chulsu"),
        ("ko", "jongun", "jeongeun"),
    ],
)
def test_systems_meet(language: str, one: str, other: str) -> None:
    assert fold_syllables(one)[language] == fold_syllables(other)[language]


@pytest.mark.parametrize(
    ("one", "other"),
    [("wang", "wan"), ("jing", "jin"), ("hui", "wei"), ("ming", "min"), ("hao", "he"), ("xia", "xiao")],
)
def test_other_syllables_stay_apart(one: str, other: str) -> None:
    assert fold_syllables(one)["zh"] != fold_syllables(other)["zh"]


@pytest.mark.parametrize("name", ["smith", "mohamed", "vladimir", "schmidt", "王", "zhuangzhuangzhuang"])
def test_other_names_have_no_key(name: str) -> None:
    assert fold_syllables(name) == {}


def test_a_name_is_read_as_a_whole() -> None:
    assert set(fold_name(["mao", "tse", "tung"])) >= {"zh"}
    assert fold_name(["tina", "smith"]) == {}
    assert fold_name([]) == {}


@given(st.text(alphabet="aeioughnzcst", max_size=40))
def test_any_text_is_folded(text: str) -> None:
    assert set(fold_syllables(text)) <= {"zh", "ko"}


@pytest.mark.parametrize(
    ("own", "theirs"),
    [
        ("Mao Zedong", "Mao Tse-tung"),
        ("Xi Jinping", "Hsi Chin-ping"),
        ("Hsi Chin-ping", "习近平"),
        ("Zhou Enlai", "Chou En-lai"),
        ("Deng Xiaoping", "Teng Hsiao-p'ing"),
        ("Kim Jong-un", "김정은"),
        ("Park Geun-hye", "박근혜"),
    ],
)
def test_names_agree_across_systems(own: str, theirs: str) -> None:
    finding = compare_names(Subject(names=(own,)), Account("x", display_name=theirs), DEFAULT_WORLD)
    assert finding is not None
    assert finding.bits > 9
    assert finding.code in {"name.same", "name.similar"}


@pytest.mark.parametrize(("own", "theirs"), [("Kim Jong-un", "Kim Jong-il"), ("Wang Wei", "Wang Hui")])
def test_other_given_names_do_not_agree(own: str, theirs: str) -> None:
    finding = compare_names(Subject(names=(own,)), Account("x", display_name=theirs), DEFAULT_WORLD)
    assert finding is not None
    assert finding.bits < 2
