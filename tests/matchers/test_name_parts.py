"""Names: taking them apart."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matchers.name_parts import MAX_PARTS, parse_name


@pytest.mark.parametrize(
    ("raw", "parts"),
    [
        ("Jane Doe", ["jane", "doe"]),
        ("Doe, Jane", ["doe", "jane"]),
        ("JaneDoe", ["jane", "doe"]),
        ("LeBron James", ["lebron", "james"]),
        ("JD Vance", ["j", "d", "vance"]),
        ("LI WEI", ["li", "wei"]),
        ("J.-C. Juncker", ["j", "c", "juncker"]),
        ("Dr. Jane O'Neill-Smith", ["jane", "oneill", "smith"]),
        ("José Müller", ["jose", "muller"]),
        ("J@ne D0e", ["jane", "doe"]),
        ("Ke$ha", ["kesha"]),
        ("Jane99 Doe", ["jane", "doe"]),
        ("Јane Dоe", ["jane", "doe"]),
        ("Ⓙⓐⓝⓔ 🅳🅾🅴", ["jane", "doe"]),
        ("Jane\u200b D\u200boe", ["jane", "doe"]),
        ("Jane Doe™", ["jane", "doe"]),
        ("Владимир Путин", ["vladimir", "putin"]),
        ("Президент Путин", ["putin"]),
        ("王伟", ["wang", "wei"]),
        ("司马迁", ["sima", "qian"]),
        ("김철수", ["gim", "cheolsu"]),
        ("バラク・オバマ", ["baraku", "obama"]),
        ("Larry Page", ["larry", "page"]),
        ("Live TV", ["live", "tv"]),
        ("Mx 2nd", ["mx", "2nd"]),
        ("Jane Doe 1984", ["jane", "doe"]),
        ("x", ["x"]),
        ("🇺🇸🔥", []),
        ("", []),
        ("\u200b\t\n", []),
    ],
)
def test_parts(raw: str, parts: list[str]) -> None:
    assert [part.text for part in parse_name(raw).parts] == parts


@pytest.mark.parametrize(
    ("raw", "affixes", "disclosures"),
    [
        ("Jane Doe", (), ()),
        ("The Real Jane Doe ✓", ("the", "real", "✓"), ()),
        ("Dr. Jane Doe PhD", ("dr", "phd"), ()),
        ("Jane Doe 0fficial", ("official",), ()),
        ("John Smith Fan Club", (), ("fan club",)),
        ("John Smith Fan", (), ("fan",)),
        ("Jane Doe (Parody)", (), ("parody",)),
        ("ElonMuskParody", (), ("parody",)),
        ("Jane Doe Unofficial", (), ("unofficial",)),
        ("Not Elon Musk", (), ("not",)),
        ("Jane Doe Bot", (), ("bot",)),
        ("Jane Doe no oficial", (), ("no oficial",)),
        ("fantastic Jane Doe", (), ()),
        ("Fan Bingbing", (), ()),
        ("Stan Lee", (), ()),
        ("Stanley Kubrick", (), ()),
        ("Abbott Costello", (), ()),
        ("Jane P4rody", (), ("parody",)),
    ],
)
def test_words_set_aside(raw: str, affixes: tuple[str, ...], disclosures: tuple[str, ...]) -> None:
    name = parse_name(raw)
    assert (name.affixes, name.disclosures) == (affixes, disclosures)


@pytest.mark.parametrize(
    ("raw", "form"),
    [
        ("Müller", "mueller"),
        ("Øre", "oere"),
        ("MicheIle", "michelle"),
        ("Сосо", "coco"),
        ("Иван", "иван"),
        ("王", "王"),
        ("d0e", "d0e"),
    ],
)
def test_other_readings(raw: str, form: str) -> None:
    assert form in parse_name(raw).parts[0].forms


WORDS = st.sampled_from(["jane", "Doe", "Müller", "Владимир", "Nguyễn", "O'Neill", "Quibell", "Smith", "Žižek"])
DECORATIONS = st.sampled_from(["official", "✓", "🔥", "Dr.", "real", "(official)", "|", "™", "VIP", "PhD"])


@given(st.lists(WORDS, min_size=2, max_size=5), DECORATIONS, DECORATIONS)
def test_decoration_changes_no_part(words: list[str], before: str, after: str) -> None:
    plain = " ".join(words)
    decorated = parse_name(f"{before} {plain} {after}")
    assert [part.forms for part in decorated.parts] == [part.forms for part in parse_name(plain).parts]


@given(st.text(max_size=80))
@settings(max_examples=500)
def test_any_text_is_taken_apart(raw: str) -> None:
    name = parse_name(raw)
    assert len(name.parts) <= MAX_PARTS
    assert name.raw == raw
    for before, after in zip(name.parts, name.parts[1:], strict=False):
        assert before.end <= after.start
    for part in name.parts:
        assert 0 <= part.start < part.end <= len(raw)
        assert part.text == part.forms[0]
        assert part.text == part.text.lower()
        assert part.text


@pytest.mark.parametrize("raw", ["Jane Doe " * 2_000, "\u200b" * 10_000, "a\u0301" * 5_000, "x" * 10_000, "$" * 10_000])
def test_long_text_is_bounded(raw: str) -> None:
    start = time.perf_counter()
    assert len(parse_name(raw).parts) <= MAX_PARTS
    assert time.perf_counter() - start < 0.5


@given(st.lists(st.from_regex(r"[A-Z]?[a-z]{1,45}", fullmatch=True), min_size=2, max_size=30))
@example(["Ann", "I", "van", "der", "Berg"])
@example(["dr", "Jane", "Doe", "fan", "page"])
def test_plain_names_are_read_as_all_others_are(words: list[str]) -> None:
    """A dot behind the name divides nothing and sends it the long way round."""
    plain, long = parse_name(" ".join(words)), parse_name(" ".join(words) + " .")
    assert long == replace(plain, raw=long.raw)
