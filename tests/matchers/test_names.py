"""Names: comparing a subject's names with an account's display name."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchers.evidence import Finding
from matchers.names import CAP, FLOOR, compare_names, parse_name
from matchers.profile import Account, Subject
from matchers.world import DEFAULT_WORLD, World


def compare(own: str, theirs: str | None, world: World = DEFAULT_WORLD) -> Finding | None:
    return compare_names(Subject(names=(own,)), Account("x", display_name=theirs), world)


def found(own: str, theirs: str, world: World = DEFAULT_WORLD) -> Finding:
    finding = compare(own, theirs, world)
    assert finding is not None
    return finding


@pytest.mark.parametrize(
    ("own", "theirs", "code"),
    [
        ("Jane Doe", "Jane Doe", "name.same"),
        ("Jane Doe", "JANE DOE", "name.same"),
        ("Jane Doe", "Doe, Jane", "name.same"),
        ("Jane Doe", "The Real Jane Doe ✓", "name.same"),
        ("Jane Doe", "Dr. Jane Doe PhD", "name.same"),
        ("Jane Doe", "JaneDoe", "name.same"),
        ("Jane Doe", "janedoe", "name.same"),
        ("José Müller", "Jose Muller", "name.same"),
        ("José Müller", "Jose Mueller", "name.same"),
        ("Vladimir Putin", "Владимир Путин", "name.same"),
        ("王伟", "王 伟", "name.same"),
        ("王伟", "Wang Wei", "name.same"),
        ("Beyoncé", "beyonce 🔥", "name.same"),
        ("Jane Doe", "Jаne Doe", "name.looks_same"),
        ("Jane Doe", "Jane D0e", "name.looks_same"),
        ("Jane Doe", "Jane D\u200boe", "name.looks_same"),
        ("Jane Doe", "𝓙𝓪𝓷𝓮 𝓓𝓸𝓮", "name.looks_same"),
        ("Jane Doe", "Ｊａｎｅ Ｄｏｅ", "name.looks_same"),
        ("Michelle Obama", "MicheIle Obama", "name.looks_same"),
        ("Adam Smith", "Adarn Smith", "name.looks_same"),
        ("Coco Chanel", "Сосо Chanel", "name.looks_same"),
        ("Elizabeth Warren", "Liz Warren", "name.similar"),
        ("Elizabeth Warren", "E. Warren", "name.similar"),
        ("Jane Marie Doe", "Jane Doe", "name.similar"),
        ("Barack Obama", "Barak Obama", "name.similar"),
        ("Barack Obama", "Brck Obama", "name.similar"),
        ("Vladimir Putin", "Wladimir Poutine", "name.similar"),
        ("Vladimir Putin", "ולדימיר פוטין", "name.same"),
        ("Jane Doe", "Mary Doe", "name.partial"),
        ("Jane Doe", "Jane Smith", "name.partial"),
        ("王伟", "李伟", "name.partial"),
        ("Jane Doe", "Bob Smith", "name.differs"),
        ("Jane Doe", "李伟", "name.differs"),
        ("JD Vance", "J. D. Vance", "name.same"),
        ("Sergey Shoigu", "Sergey Sergey Shoigu", "name.same"),
        ("James Moylan", "James (Jim) Moylan", "name.same"),
        ("Sanford Bishop", "Sanford D. Bishop, Jr.", "name.similar"),
        ("James Comer", "James C. Justice", "name.partial"),
        ("김종은", "김정은", "name.partial"),
        ("Abdulaziz Saud", "Abdul Aziz Saud", "name.same"),
        ("John Smith", "John Smith Fan Club", "name.same"),
        ("Jane Doe", "Jane Doe99", "name.same"),
        ("Paul Doe", "Pau1 Doe", "name.looks_same"),
        ("Al Green", "AlGreen", "name.same"),
        ("Ted Budd", "Ted|Budd", "name.same"),
        ("Jim Jordan", "Jm Jordan", "name.similar"),
    ],
)
def test_code(own: str, theirs: str, code: str) -> None:
    assert found(own, theirs).code == code


@pytest.mark.parametrize(
    ("own", "theirs", "summary"),
    [
        ("John Smith", "John Smith", "Same name: John Smith (about 1 in 67,000 people)"),
        ("Jane Doe", "Jаne Doe", "The name looks the same, but one letter is Cyrillic"),
        ("Coco Chanel", "Сосо Chanel", "The name looks the same, but 4 letters are Cyrillic"),
        ("Michelle Obama", "MicheIle Obama", "The name looks the same, but a capital I stands in for a small l"),
        ("Jane Doe", "Mary Doe", "Only the surname agrees"),
        ("Jane Doe", "Jane Smith", "Only the first name agrees"),
        ("Jane Doe", "Bob Smith", "The names have nothing in common"),
        ("Jane Marie Doe", "Jane Doe", "Similar name: Marie is left out"),
    ],
)
def test_summary(own: str, theirs: str, summary: str) -> None:
    assert found(own, theirs).summary == summary


@pytest.mark.parametrize(
    ("own", "theirs", "differing"),
    [
        ("Jane Doe", "Jane Doe", []),
        ("Jane Doe", "✓ Jаne Doe", ["а"]),
        ("Michelle Obama", "MicheIle Obama", ["I"]),
        ("Jane Doe", "Jane D\u200boe", ["\u200b"]),
        ("Jane Doe", "Ja\u0301ne Doe", []),
        ("José Müller", "Jose Mueller", []),
        ("Jane Doe", "🔥 Jane Marie Doe", ["Marie"]),
        ("Elizabeth Warren", "Liz Warren", ["Liz"]),
    ],
)
def test_spans_mark_what_differs(own: str, theirs: str, differing: list[str]) -> None:
    spans = found(own, theirs).spans
    assert [theirs[span.start : span.end] for span in spans] == differing
    assert all(span.side == "candidate" and span.field == "name" for span in spans)


@pytest.mark.parametrize("theirs", [None, "", "   ", "🔥🔥🔥", "\u200b\u200d", "!!!"])
def test_missing_name_is_no_evidence(theirs: str | None) -> None:
    assert compare("Jane Doe", theirs) is None


def test_subject_without_usable_name_is_no_evidence() -> None:
    assert compare("🔥", "Jane Doe") is None
    assert compare_names(Subject(), Account("x", display_name="Jane Doe"), DEFAULT_WORLD) is None


def test_best_of_several_names_counts() -> None:
    subject = Subject(names=("Jane Doe", "Jane Miller", "🔥"))
    finding = compare_names(subject, Account("x", display_name="jane miller"), DEFAULT_WORLD)
    assert finding is not None
    assert finding.code == "name.same"


def test_rare_name_tells_more_than_common_one() -> None:
    assert found("John Smith", "John Smith").bits < found("Xanthe Quibell", "Xanthe Quibell").bits


def test_learned_counts_weigh() -> None:
    world = World(name_counts={"quibell": 50_000}, name_total=100_000)
    assert found("Xanthe Quibell", "Xanthe Quibell", world).bits < found("Xanthe Quibell", "Xanthe Quibell").bits


def test_replaced_surname_outweighs_long_agreement() -> None:
    assert found("Barzan Ibrahim Hassan al-Tikriti", "Barzan Ibrahim Hassan al-Mosuli").bits < 12
    assert found("Jane Doe", "Jane Smith").bits < 0


@pytest.mark.parametrize(
    ("own", "relative", "same"),
    [
        ("Anne Marie van der Berg", "Anne Sophie van der Berg", "Anne van der Berg"),
        ("Muhammad Barzan Ibrahim Hasan", "Muhammad Watban Ibrahim Hasan", "Muhammad Barzan Hasan"),
        ("Sergey Viktorovich Lavrov", "Sergey Borisovich Lavrov", "Sergey Lavrov"),
        ("William George Frost", "William Walter Frost", "William G. Frost"),
        ("Abdullah bin Omar Haddad", "Omar bin Abdullah Haddad", "Abdullah Haddad"),
    ],
)
def test_contradiction_outweighs_omission(own: str, relative: str, same: str) -> None:
    assert found(own, relative).bits < found(own, same).bits


def test_another_name_speaks_mildly_against() -> None:
    assert -4.0 <= found("Jane Doe", "Bob Smith").bits < 0


LATIN = ["Jane", "Jan", "John", "Doe", "J.", "D.", "Smith", "Smyth", "Müller", "Mueller", "Liz", "Elizabeth", "Page"]
WORD = st.sampled_from([*LATIN, "van", "al", "King", "Владимир", "Vladimir", "王伟", "Сосо", "official"])
NAMES = st.one_of(
    st.lists(WORD, min_size=1, max_size=5).map(" ".join),
    st.text(max_size=60),
    st.text(alphabet=st.characters(categories=("L", "M", "Cf", "So", "N")), max_size=40),
    st.sampled_from(["Jane Doe", "J. Doe", "王伟", "Владимир Путин", "John Smith Fan Club", "Sergey Sergey", "x", "ﷺ"]),
)


@given(NAMES, NAMES)
@settings(max_examples=400, deadline=None)
def test_any_text_is_compared_within_bounds(own: str, theirs: str) -> None:
    finding = compare(own, theirs)
    if finding is not None:
        share = finding.params["share"]
        assert isinstance(share, float)
        assert 0.0 <= share <= 1.0
        assert FLOOR <= finding.bits <= CAP
        assert all(0 <= s.start < s.end <= len(theirs) for s in finding.spans)


@given(NAMES, NAMES)
@settings(max_examples=300, deadline=None)
def test_identity_is_maximal(own: str, theirs: str) -> None:
    same, other = compare(own, own), compare(own, theirs)
    if same is None:
        assert not parse_name(own).parts
        return
    assert same.params["share"] == 1.0
    assert same.code == "name.same"
    # A decoration adds a bit: "official" is what impostors add.
    assert other is None or other.bits <= same.bits + 1.0


@given(NAMES, NAMES)
@settings(max_examples=300, deadline=None)
def test_share_is_symmetric(own: str, theirs: str) -> None:
    one, other = compare(own, theirs), compare(theirs, own)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert one.params["share"] == pytest.approx(other.params["share"])
