"""The keys of an index of subjects: whatever a scan finds by texts, a check finds under as much weight."""

from __future__ import annotations

import random
from dataclasses import replace
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.subjects.store import MAX_KEYS
from matchers.keys import account_keys, subject_probes
from matchers.photo_keys import STORED_VIEWS
from matchers.photo_scheme import PROBES
from matchers.profile import Account, AccountRef, Handle, Photo, Subject
from matchers.subject_keys import BAND_BITS, BANDS, STORED_PROBES, account_probes, subject_keys

CORPUS = "default"
WORDS = st.text("abcdehilnorstuöя0_.", min_size=1, max_size=14)
NAMES = st.builds(" ".join, st.lists(st.text("abcdehilnorstuéя", min_size=1, max_size=9), min_size=1, max_size=4))


def scan_weight(subject: Subject, account: Account) -> float:
    """What a scan finds the account by."""
    stored = account_keys(account, CORPUS)
    return fsum(probe.weight for probe in subject_probes(subject, CORPUS) if probe.key in stored)


def check_weight(subject: Subject, account: Account) -> float:
    """What a check finds the subject by."""
    stored = subject_keys(subject, CORPUS)
    asked = account_probes(account, CORPUS)
    return fsum(weight for key, weight in (asked.texts | asked.photos).items() if key in stored)


def draw_photo(seed: int) -> Photo:
    drawn = random.Random(seed)  # noqa: S311 - a fixed series is wanted
    probes = tuple(drawn.getrandbits(256) for _ in PROBES)
    return Photo(views={"whole": probes[0], "center": drawn.getrandbits(256)}, probes=probes, gate=0.5, side=400)


def draw_full_photo(seed: int) -> Photo:
    """An oblong picture, with the hashes of other systems."""
    drawn = random.Random(-1 - seed)  # noqa: S311 - a fixed series is wanted
    views = {name: drawn.getrandbits(256) for name in STORED_VIEWS}
    return replace(draw_photo(seed), views=views, pdq=drawn.getrandbits(256), phash=drawn.getrandbits(64))


def flip(value: int, *bits: int) -> int:
    for bit in bits:
        value ^= 1 << 255 - bit
    return value


def wearing(*views: int) -> Account:
    return Account("x", avatar=Photo(views=dict(zip(STORED_VIEWS, views, strict=False)), gate=0.5, side=400))


@given(own=WORDS, name=NAMES, theirs=WORDS, shown=NAMES)
def test_texts_meet_as_in_a_scan(own: str, name: str, theirs: str, shown: str) -> None:
    subject = Subject(names=(name,), handles=(Handle(own, "x"),))
    account = Account("tiktok", theirs, display_name=shown)
    assert check_weight(subject, account) >= scan_weight(subject, account)


@given(own=WORDS, at=st.integers(0, 13), letter=st.sampled_from("abcdehilnorst0"))
def test_handles_one_edit_apart_meet_as_in_a_scan(own: str, at: int, letter: str) -> None:
    subject = Subject(handles=(Handle(own, "x"),))
    for theirs in (own[:at] + own[at + 1 :], own[:at] + letter + own[at:], own[:at] + letter + own[at + 1 :]):
        if theirs:
            account = Account("instagram", theirs)
            assert check_weight(subject, account) >= scan_weight(subject, account)


@pytest.mark.parametrize("probe", [STORED_PROBES[0], STORED_PROBES[5], STORED_PROBES[-1]])
def test_a_picture_near_a_stored_probe_is_found(probe: int) -> None:
    photo = draw_photo(1)
    # One bit off in the first band, far off everywhere else.
    copied = flip(photo.probes[probe], 3, *range(BAND_BITS, 256, 2))
    assert check_weight(Subject(photos=(photo,)), wearing(copied)) == 2.0
    assert check_weight(Subject(photos=(photo,)), wearing(flip(copied, 9))) == 0
    assert check_weight(Subject(photos=(photo,)), wearing(0, copied)) == 2.0


def test_the_same_picture_agrees_in_every_band_and_another_in_none() -> None:
    photo = draw_photo(2)
    assert check_weight(Subject(photos=(photo,)), wearing(photo.probes[0])) == BANDS * 4.0
    assert check_weight(Subject(photos=(photo,)), wearing(draw_photo(3).probes[0])) == 0


def test_a_flat_picture_is_neither_stored_nor_asked_for() -> None:
    flat = Photo(views={"whole": 5, "center": 7}, probes=(5,) * len(PROBES), gate=0.01, side=400)
    assert not subject_keys(Subject(photos=(flat,)), CORPUS)
    assert not account_probes(Account("x", avatar=flat), CORPUS).photos


def test_a_picture_known_by_the_hash_of_a_list_is_found() -> None:
    photo = Photo(views={"whole": 1}, probes=(1,), gate=0.5, side=400, pdq=1 << 200 | 12345, pdq_quality=90, phash=77)
    account = Account("x", avatar=Photo(pdq=1 << 200 | 12345 ^ 1, phash=77 ^ 2))
    assert check_weight(Subject(photos=(photo,)), account) >= scan_weight(Subject(photos=(photo,)), account) > 0


def test_an_own_account_is_found_whatever_it_is_called() -> None:
    subject = Subject(
        names=("Jane Doe",),
        handles=(Handle("janedoe", "x", "janedoe"),),
        own_accounts=(AccountRef("mastodon", "jd@example.social"), AccountRef("youtube", account_id="UC1")),
    )
    for account in (
        Account("mastodon", "JD@example.social", display_name="Somebody"),
        Account("youtube", "another", account_id="UC1"),
    ):
        assert check_weight(subject, account) >= 6.0
    assert check_weight(subject, Account("youtube", "qqqqwwww", account_id="UC2")) == 0


def test_corpora_never_share_a_key() -> None:
    subject = Subject(names=("Jane Doe",), photos=(draw_photo(4),))
    assert subject_keys(subject, "one").isdisjoint(subject_keys(subject, "two"))


def test_the_number_of_keys_stays_small() -> None:
    subject = Subject(names=("Jane Doe",), handles=(Handle("janedoe_official", "x"),), photos=(draw_photo(5),))
    assert len(subject_keys(subject, CORPUS)) < 550


@pytest.mark.parametrize(
    "letters", ["abcdefghijklmnopqrstuvwxyz", "абвгдежзиклмнопрстуфхцчшщюя", "abcdefghijklm$@!0134éöü"]
)
def test_a_subject_at_all_limits_keeps_all_its_keys(letters: str) -> None:
    drawn = random.Random(9)  # noqa: S311 - a fixed series is wanted

    def word(alphabet: str, length: int) -> str:
        return "".join(drawn.choices(alphabet, k=length))

    subject = Subject(
        names=tuple(" ".join(word(letters, 12).title() for _ in range(5)) for _ in range(10)),
        handles=tuple(Handle(word("bcdfghjklmnpqrstvxzaeiou", 40) + str(number), "x") for number in range(1000, 1020)),
        photos=tuple(map(draw_full_photo, range(5))),
        own_accounts=tuple(AccountRef("x", word("bcdfghaeiou", 12)) for _ in range(100)),
    )
    assert 4_000 < len(subject_keys(subject, CORPUS)) <= MAX_KEYS
