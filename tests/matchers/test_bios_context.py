"""Biographies, circumstances and what an account says about itself."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.bios import bio_disclosures, compare_bios, find_bio_disclosures, fold_link
from matchers.context import compare_context, find_own
from matchers.profile import Account, AccountRef, Handle, Link, Subject
from matchers.world import World

BIO = "Marine biologist in Bergen. Writes about kelp, cold water and why both matter more than you think."
TODAY = World(today=date(2026, 11, 24))


def test_a_copied_biography_counts() -> None:
    found = compare_bios(Subject(bio=BIO), Account("x", bio=BIO.upper()), World())
    assert found is not None
    assert found.code == "bio.copied"
    assert found.bits > 8


def test_a_half_copied_biography_counts_less() -> None:
    half = BIO[:70] + " DM me for business offers"
    whole, part = (compare_bios(Subject(bio=BIO), Account("x", bio=text), World()) for text in (BIO, half))
    assert whole is not None
    assert part is not None
    assert 0 < part.bits < whole.bits


@pytest.mark.parametrize("bio", [None, "", "she/her", "Plumber in Leeds. Football on Saturdays and two dogs."])
def test_a_missing_short_or_different_biography_is_no_evidence(bio: str | None) -> None:
    assert compare_bios(Subject(bio=BIO), Account("x", bio=bio), World()) is None


@pytest.mark.parametrize(
    ("bio", "discloses"),
    [
        ("Parody account", True),
        ("PARODY. Not affiliated with anyone", True),
        ("Unofficial fan page", True),
        ("a fan account, run by two friends", True),
        ("not the real one", True),
        ("Fantastic coffee, big fan of trains", False),
        ("This is not a parody", False),
        ("Stanley's grandson", False),
        ("Writes satirical novels? No: satirical ones", True),
        ("", False),
    ],
)
def test_disclosure_in_a_biography(bio: str, discloses: bool) -> None:
    assert bool(bio_disclosures(bio)) is discloses


@given(st.text(max_size=300))
def test_biographies_never_raise(text: str) -> None:
    bio_disclosures(text)
    compare_bios(Subject(bio=text), Account("x", bio=text), World())


def _made(year: int, followers: int | None = None, **more: object) -> Account:
    return Account("tiktok", created_at=datetime(year, 11, 1, tzinfo=UTC), followers=followers, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("account", "code", "positive"),
    [
        (_made(2026), "context.new", True),
        (_made(2015, followers=50_000), "context.established", False),
        (_made(2026, verified=True, verified_kind="government"), "context.vouched", False),
        (Account("x", verified=True, verified_kind="blue"), None, False),
        (Account("x", verified=True), None, False),
        (Account("tiktok", verified=True), "context.vouched", False),
        (Account("mastodon", verified=True), None, False),
        (Account("nowhere", verified=True, verified_kind="golden"), None, False),
        (Account("mastodon", bot=True), "context.automated", False),
        (_made(2015, followers=3), None, False),
        (Account("tiktok"), None, False),
    ],
)
def test_circumstances(account: Account, code: str | None, positive: bool) -> None:
    found = compare_context(Subject(), account, TODAY)
    assert (found.code if found else None) == code
    if found:
        assert (found.bits > 0) is positive


def test_a_platform_the_subject_is_absent_from_counts_against_the_account() -> None:
    found = compare_context(Subject(absent_from=frozenset({"tiktok"})), Account("tiktok"), World())
    assert found is not None
    assert found.bits > 0


def test_without_a_date_nothing_is_called_new() -> None:
    assert compare_context(Subject(), _made(2026), World()) is None


def test_an_account_older_than_the_original_is_no_copy_of_it() -> None:
    subject = Subject(created_at=datetime(2018, 1, 1, tzinfo=UTC))
    older, younger = (compare_context(subject, _made(year), World()) for year in (2012, 2024))
    assert older is not None
    assert younger is not None
    assert (older.code, younger.code) == ("context.older", "context.younger")
    assert older.bits < 0 < younger.bits


def test_a_copied_biography_without_spaces_counts() -> None:
    found = compare_bios(
        Subject(bio="海洋生物学者。昆布と冷たい水について書く"),
        Account("x", bio="海洋生物学者。昆布と冷たい水について書く"),
        World(),
    )
    assert found is not None
    assert found.code == "bio.copied"
    other = Account("x", bio="東京の料理人。毎日の弁当と犬の写真を載せる")
    assert compare_bios(Subject(bio="海洋生物学者。昆布と冷たい水について書く"), other, World()) is None


@pytest.mark.parametrize(
    ("own", "theirs", "code"),
    [
        ("🌊🔬🐚 Bergen", "DM for promo 🌊🔬🐚", "bio.same_emoji"),
        ("🌊🔬🐚 Bergen", "🐚🔬🌊", None),
        ("❤️❤️❤️ Bergen", "❤️❤️❤️ Oslo", None),
        ("More: https://www.Kelp.example/jane/", "see kelp.example/jane", None),
        ("More: https://www.Kelp.example/jane/", "see http://kelp.example/jane?from=x", "bio.same_link"),
        ("More: https://kelp.example/jane", "https://kelp.example/john", None),
    ],
)
def test_emoji_and_links_are_signs_of_copying(own: str, theirs: str, code: str | None) -> None:
    found = compare_bios(Subject(bio=own), Account("x", bio=theirs), World())
    assert (found.code if found else None) == code
    assert found is None or found.bits > 0


def test_a_link_that_stands_apart_counts_too_and_not_twice_in_full() -> None:
    subject = Subject(bio=BIO, links=("https://kelp.example",))
    both = compare_bios(subject, Account("x", bio=BIO, links=(Link("http://www.kelp.example/"),)), World())
    text = compare_bios(subject, Account("x", bio=BIO), World())
    assert both is not None
    assert text is not None
    assert text.bits < both.bits < text.bits + 4
    assert both.params["signs"] == "copied,same_link"


OWN = AccountRef("x", "janedoe")


@pytest.mark.parametrize(
    ("subject", "account", "reason"),
    [
        (Subject(own_accounts=(OWN,)), Account("x", "JaneDoe"), "You listed this account as your own"),
        (Subject(linked_accounts=(OWN,)), Account("x", "JaneDoe"), "One of your own accounts links to it"),
        (
            Subject(links=("https://jane.example",)),
            Account("mastodon", "jane@a.example", links=(Link("https://jane.example/", verified=True),)),
            "Your own website links to it",
        ),
        # A link to the person proves nothing.
        (Subject(links=("https://jane.example",)), Account("x", "j", links=(Link("https://jane.example"),)), None),
        (Subject(own_accounts=(OWN,)), Account("y", "j", links=(Link("https://x.com/janedoe", verified=True),)), None),
    ],
)
def test_ownership_is_proven_only_from_what_was_listed(subject: Subject, account: Account, reason: str | None) -> None:
    assert find_own(subject, account) == reason


@pytest.mark.parametrize(
    ("own", "theirs", "same"),
    [
        ("https://www.youtube.com/watch?v=aaaa", "https://youtube.com/watch?v=bbbb", False),
        ("https://www.youtube.com/watch?v=aaaa&t=7", "youtube.com/watch?v=aaaa", True),
        ("https://www.facebook.com/profile.php?id=1", "https://facebook.com/profile.php?id=2", False),
        ("https://Jane.example/?utm_source=x", "http://jane.example", True),
    ],
)
def test_a_link_is_the_same_page_but_for_tracking(own: str, theirs: str, same: bool) -> None:
    assert (fold_link(own) == fold_link(theirs)) is same


def test_a_word_said_over_and_over_is_confirmed_once() -> None:
    found = compare_bios(Subject(bio="ha " * 50), Account("x", bio="ha " * 50), World())
    assert found is not None
    assert found.bits < 5


@pytest.mark.parametrize(
    ("own", "bio", "discloses"),
    [
        (None, "Biggest fan of Jané Doe, daily pictures", True),
        (None, "fan of @janedoe", True),
        (None, "Dedicated to the Jane Doe we love", True),
        (None, "a fan of coffee. Jane Doe", False),
        (None, "not a fan of Jane Doe", False),
        ("Novelist, satirical at times", "Novelist, satirical at times", False),
        ("Novelist, satirical at times", "Novelist, satirical at times. Parody.", True),
    ],
)
def test_a_fan_says_of_whom_and_a_copied_text_says_nothing(own: str | None, bio: str, discloses: bool) -> None:
    subject = Subject(("Jane Doe",), (Handle("janedoe", "x"),), bio=own)
    assert bool(find_bio_disclosures(subject, Account("x", bio=bio))) is discloses
