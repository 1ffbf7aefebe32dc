from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.platforms.catalogue import load_catalogue
from app.reports.route import Reporter, Statement
from app.reports.wording import collect_values, fill, render, single_line, tell_evidence
from matchers.profile import Account, AccountRef, Handle, Subject
from tests.conftest import ROOT

TEXTS = load_catalogue().text("en")
X = load_catalogue().platforms["x"]
JANE = Subject(
    names=("Jane Doe",), handles=(Handle("janedoe", "x"),), own_accounts=(AccountRef("instagram", "jane.doe"),)
)
CLONE = Account(platform="x", handle="janed0e", display_name="Jane Doe")


def test_an_unknown_value_leaves_the_template_unfilled() -> None:
    assert fill("{a} and {b}", {"a": "1"}) is None
    assert fill("{a} and {b}", {"a": "1", "b": "{a}"}) == "1 and {a}"
    assert fill("*{{user-uaa|1={a}}}", {"a": "1"}) == "*{{user-uaa|1=1}}"


def test_a_sentence_falls_back_to_what_is_known_and_else_vanishes() -> None:
    text = (("{a}, {b}.", "only {a}."), ("{b}.",), ("the end.",))
    assert render(text, {"a": "1"}) == "Only 1. The end."
    assert render(text, {"a": "1", "b": "2"}) == "1, 2. 2. The end."


def test_evidence_becomes_lines() -> None:
    assert tell_evidence(["Same photo, mirrored", "", " \n ", "Is it new?"], {}, TEXTS) == [
        "Same photo, mirrored.",
        "Is it new?",
    ]
    assert tell_evidence([], {}, TEXTS) == []


def test_evidence_says_what_of_the_profile_it_is_about_and_speaks_to_the_platform() -> None:
    evidence = [
        Statement("The account uses the same photo, mirrored", ("photo.mirrored",)),
        Statement("It links to the same page as you do; ...", ("bio.partly_copied", "bio.same_link")),
        Statement("Made after your own account", ("context.younger",)),
    ]
    assert tell_evidence(evidence, {}, TEXTS) == [
        "Profile photo: The account uses the same photo, mirrored.",
        "Profile text: Part of the profile text is the same. It links to the same page as the genuine account.",
        "Account: It was made after the genuine account.",
    ]


@given(st.text(max_size=400))
def test_what_an_impostor_wrote_stays_on_one_line_in_reading_order(text: str) -> None:
    line = single_line(text)
    assert len(line) <= 200
    assert not any(c in line for c in "\r\n\x00\u202e\u2028\u2066")
    line.encode()


def test_what_is_known_about_a_case() -> None:
    values = collect_values(JANE, CLONE, X, ["Same photo"], Reporter(name="Jane Doe", has_account=False), TEXTS)
    assert values["suspect_url"] == "https://x.com/janed0e"
    assert values["real_url"] == "https://x.com/janedoe"
    assert values["other_real_urls"] == "https://www.instagram.com/jane.doe/"
    assert values["real_handle"] == "janedoe"
    assert values["has_account"] == "No"
    assert "reporter_email" not in values
    assert values["report_text"].splitlines() == [
        "I report https://x.com/janed0e (“Jane Doe”, user name janed0e) for suspected impersonation: "
        "it appears to present itself as Jane Doe.",
        "I am Jane Doe, and the account appears to use my identity.",
        "Genuine accounts: https://x.com/janedoe, https://www.instagram.com/jane.doe/.",
        "Found by comparing the public profiles:",
        "- Same photo.",
        "Please review the account under your impersonation policy.",
    ]


def test_little_known_gives_short_texts_without_gaps() -> None:
    values = collect_values(Subject(), Account(platform="x"), X, [], Reporter(role="bystander"), TEXTS)
    assert values["report_text_short"] == "An account on X is suspected of impersonation."
    assert values["report_text"].splitlines() == [
        "I report an account on X for suspected impersonation.",
        "I am not the person concerned; I report what I saw.",
        "Please review the account under your impersonation policy.",
    ]


def test_the_suspect_is_never_listed_as_genuine() -> None:
    subject = Subject(names=("Jane",), own_accounts=(AccountRef("x", "janed0e"),))
    assert "real_url" not in collect_values(subject, CLONE, X, [], Reporter(), TEXTS)


@pytest.mark.parametrize(
    ("profile_url", "kept"),
    [
        ("https://shop.example/jane", True),
        ("javascript:alert(1)", False),
        ("https://a.example/\r\nX: 1", False),
        ("https://user@a.example/", False),
        ("https://a.example/\u202egnp", False),
        ('https://a.example/"><script>', False),
        ("http://[::1", False),
    ],
)
def test_an_observed_address_is_used_only_if_it_is_one(profile_url: str, *, kept: bool) -> None:
    website = load_catalogue().platforms["website"]
    values = collect_values(JANE, Account("website", profile_url=profile_url), website, [], Reporter(), TEXTS)
    assert (values.get("suspect_url") == profile_url) is kept


LANGUAGES = sorted(load_catalogue().texts)
ACCUSING = {
    "de": ("betrüger", "kriminell", "straftäter", "dieb"),
    "en": ("criminal", "fraudster", "thief", "scammer"),
    "es": ("delincuente", "estafador", "ladrón", "criminal"),
    "fr": ("criminel", "escroc", "voleur", "délinquant"),
    "pt": ("criminoso", "golpista", "ladrão", "bandido"),
}


def test_the_five_languages_are_there() -> None:
    assert sorted(ACCUSING) == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_accuse_nobody(language: str) -> None:
    texts = load_catalogue().texts[language].model_dump_json().lower()
    assert not any(word in texts for word in ACCUSING[language])


def _placeholders(part: object) -> Iterator[str]:
    return iter(sorted(set(re.findall(r"\{[a-z_]+\}", str(part)))))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_as_much_as_english(language: str) -> None:
    theirs, ours = load_catalogue().texts[language].model_dump(), TEXTS.model_dump()
    for name in ours.keys() - {"language", "evidence"}:
        assert list(_placeholders(theirs[name])) == list(_placeholders(ours[name])), name
        assert len(theirs[name]) == len(ours[name]), name


# What the judgement can find that speaks for a copy (matchers/).
FINDINGS = re.findall(
    r'"((?:name|handle|photo|bio)\.(?:same|looks_same|similar|partial|same_elsewhere|lookalike|from_name|mirrored|altered'
    r'|copied|partly_copied|same_emoji|same_link))"',
    "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "matchers").glob("*.py"))),
)


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_every_finding_can_be_said_in_every_language(language: str) -> None:
    assert len(set(FINDINGS)) >= 15
    assert set(FINDINGS) - load_catalogue().texts[language].evidence.keys() == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_reads_as_one_language(language: str) -> None:
    texts = load_catalogue().texts[language]
    evidence = [Statement("Same photo, mirrored", ("photo.mirrored",)), Statement("x", ("handle.lookalike",))]
    values = collect_values(JANE, CLONE, X, evidence, Reporter(language=language), texts)
    lines = values["report_text"].splitlines()
    assert len(lines) == 7 if language != "en" else 6
    assert "janed0e" in lines[0]
    assert "Jane Doe" in lines[0]
    assert ("photo" in values["report_text"].lower()) is (language in {"en", "fr"})
