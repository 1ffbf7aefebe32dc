"""What is not judged could not have been a suspect: the sieve and the judgement never contradict each other."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import reduce

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.demo.population import draw_person, make_handle
from matchers.handles import bound_handles, compare_handles
from matchers.model import judge
from matchers.names import bound_names, compare_names
from matchers.profile import Account, AccountRef, Handle, Photo, Subject
from matchers.sifting import Sieve
from matchers.world import World
from tests.golden.test_verdicts import ROWS, read_row
from tests.matchers.test_properties import ACCOUNTS, SUBJECTS

WORLD = World(today=date(2026, 11, 24))
PRIORS = st.sampled_from([-30.0, -17.0, -10.0, 0.0])
# Texts that meet, so that there is something to be found.
TEXTS = (
    "Jane Doe",
    "JANE DOE",
    "Jаne Doe",
    "janedoe",
    "jane_d0e",
    "Jane Doe (parody)",
    "fan of Jane Doe",
    "Li Fan",
    "",
)
MEETING = st.builds(
    Account,
    platform=st.just("x"),
    handle=st.none() | st.sampled_from(TEXTS),
    display_name=st.none() | st.sampled_from(TEXTS),
    bio=st.none() | st.sampled_from((*TEXTS, "No parody, not affiliated with Jane Doe")),
    avatar=st.none() | st.builds(Photo, views=st.just({"whole": 5}), gate=st.just(0.5), side=st.just(400)),
    labels=st.sampled_from([(), ("parody",), ("news",)]),
)
KNOWN = st.builds(
    Subject,
    names=st.lists(st.sampled_from(TEXTS), max_size=2).map(tuple),
    handles=st.lists(st.builds(Handle, st.sampled_from(TEXTS), st.none() | st.just("x")), max_size=1).map(tuple),
    photos=st.lists(
        st.builds(Photo, probes=st.sampled_from([(5,), (1 << 200,)]), gate=st.just(0.5), side=st.just(400)), max_size=1
    ).map(tuple),
    bio=st.none() | st.sampled_from(TEXTS),
)


def draw_pairs(count: int) -> Iterator[tuple[Subject, Account]]:
    """Drawn people beside accounts that share their handle, their name, both or nothing, letter by letter changed."""
    chance = random.Random(3)  # noqa: S311 - the same each time, guards nothing
    people = [draw_person(chance) for _ in range(60)]
    for _ in range(count):
        who, other = chance.choice(people), chance.choice(people)
        subject = Subject(names=(who.full,), handles=(Handle(make_handle(chance, who, "x"), "x"),))
        handle = chance.choice([subject.handles[0].text, make_handle(chance, chance.choice([who, other]), "x")])
        at = chance.randrange(len(handle))
        changed = chance.choice([handle, handle[:at] + handle[at + 1 :], handle + "1", f"real{handle}"]) or "x"
        shown = chance.choice([who.full, who.given, f"{who.full} ✓", f"{who.given} {other.surname}", other.full])
        yield subject, Account("x", changed, display_name=shown)


def check(subject: Subject, account: Account, world: World, least: float) -> None:
    """Where the sieve lets nothing pass, the judgement finds nothing; asked for just what it finds, all passes."""
    sieve, found = Sieve.of(account, world), judge(subject, account, world)
    assert sieve.passes(subject, world, found.probability)
    if found.verdict in {"own_account", "fan_or_parody"}:
        assert sieve.passes(subject, world, 1.1)
    assert sieve.passes(subject, world, least) or found.probability < least


@given(SUBJECTS, ACCOUNTS, PRIORS, st.floats(0, 1))
@settings(max_examples=400)
def test_whatever_is_left_out_is_no_suspect(subject: Subject, account: Account, prior: float, least: float) -> None:
    check(subject, account, replace(WORLD, prior_bits=prior), least)


@given(KNOWN, MEETING, PRIORS, st.floats(0, 1))
@settings(max_examples=1_000)
@example(Subject(), Account("x"), 0.0, 0.5)
def test_nor_is_it_where_much_agrees(subject: Subject, account: Account, prior: float, least: float) -> None:
    check(subject, account, replace(WORLD, prior_bits=prior), least)


@pytest.mark.parametrize("least", [0.02, 0.5, 0.9])
def test_every_golden_case_that_shows_something_passes(least: float) -> None:
    for row in ROWS:
        check(*read_row(row), WORLD, least)


def test_the_odds_that_are_asked_for_pass_to_the_bit() -> None:
    """Asked for exactly the probability that comes of it, a comparison passes."""
    for row in ROWS:
        subject, account = read_row(row)
        assert Sieve.of(account, WORLD).passes(subject, WORLD, judge(subject, account, WORLD).probability)


def test_drawn_people_are_bounded() -> None:
    passed = 0
    for subject, account in draw_pairs(1_500):
        name, handle = compare_names(subject, account, WORLD), compare_handles(subject, account, WORLD)
        assert name is None or name.bits <= bound_names(account, WORLD)
        assert handle is None or handle.code == "handle.from_name" or handle.bits <= bound_handles(subject, account)
        for prior in (-24.0, -17.0):
            check(subject, account, replace(WORLD, prior_bits=prior), 0.5)
        passed += Sieve.of(account, WORLD).passes(subject, WORLD, 0.5)
    assert 100 < passed < 1_000


# Names of many scripts and handles, changed as impostors change them, beside the original or somebody else.
WORN = (
    *("Jane Doe", "Иван Петров", "Ivan Petrov", "李帆", "Li Fan", "محمد علي", "Γιώργος Παπαδόπουλος", "김민수"),
    *("Maria de la Cruz Santos", "Jean-Luc O'Neill", "Robert Smith", "Bob Smith", "Müller Straße", "Nguyễn Văn An"),
    *("janedoe", "jane_doe", "ivanpetrov", "li_fan", "bobsmith1990", "realjanedoe", "muller.strasse", "an"),
)
LOOKS = {"l": "I", "o": "0", "a": "а", "e": "3", "i": "1", "s": "5"}
CHANGES: tuple[Callable[[str, int], str], ...] = (
    lambda text, at: text[:at] + text[at + 1 :],
    lambda text, at: text[:at] + LOOKS.get(text[at : at + 1].lower(), "x") + text[at + 1 :],
    lambda text, at: text[:at] + "\u200b" + text[at:],
    lambda text, at: f"{text}{at}",
    lambda text, _: f"{text} ✓",
    lambda text, _: f"{text} (parody)",
    lambda text, _: f"the real {text}",
    lambda text, _: text.upper(),
    lambda text, _: " ".join(reversed(text.split())),
    lambda text, _: text.replace(" ", "_"),
)


def _change(text: str, changes: list[tuple[Callable[[str, int], str], int]]) -> str:
    for change, at in changes:
        text = change(text, at % max(1, len(text)))
    return text


HOW = st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(0, 2030)), max_size=3)
CHANGED = st.builds(_change, st.sampled_from(WORN), HOW)
PLATFORMS = st.sampled_from(["x", "instagram", "bluesky"])
MOMENTS = st.none() | st.sampled_from([datetime(2015, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)])
# A hash, and those some bits away from it.
HASH = 0x0123456789ABCDEFFEDCBA9876543210F1E2D3C4B5A69788796A5B4C3D2E1F00
NEAR = st.lists(st.integers(0, 255), max_size=80).map(
    lambda bits: reduce(lambda value, bit: value ^ 1 << bit, bits, HASH)
)
GATES, SIDES = st.sampled_from([0.05, 0.31, 1.0]), st.sampled_from([None, 32, 400])
PICTURES = st.builds(Photo, views=st.fixed_dictionaries({"whole": NEAR, "center": NEAR}), gate=GATES, side=SIDES)
PICTURES |= st.builds(Photo, pdq=NEAR, phash=st.none() | st.just(5))
OWN_PHOTOS = st.builds(Photo, probes=st.tuples(NEAR, NEAR), gate=GATES, side=SIDES, pdq=st.none() | NEAR)
REFS = st.lists(st.builds(AccountRef, PLATFORMS, CHANGED, st.none() | st.just("7")), max_size=1).map(tuple)
WIDE_SUBJECTS = st.builds(
    Subject,
    names=st.lists(CHANGED, max_size=2).map(tuple),
    handles=st.lists(st.builds(Handle, CHANGED, st.none() | PLATFORMS), max_size=2).map(tuple),
    photos=st.lists(OWN_PHOTOS, max_size=1).map(tuple),
    bio=st.none() | CHANGED,
    own_accounts=REFS,
    linked_accounts=REFS,
    absent_from=st.frozensets(PLATFORMS, max_size=1),
    created_at=MOMENTS,
)
WIDE_ACCOUNTS = st.builds(
    Account,
    platform=PLATFORMS,
    handle=st.none() | CHANGED,
    account_id=st.none() | st.just("7"),
    display_name=st.none() | CHANGED,
    bio=st.none() | CHANGED | st.sampled_from(["fan account", "parody of Jane Doe", "not affiliated"]),
    avatar=st.none() | PICTURES,
    created_at=MOMENTS,
    followers=st.none() | st.just(5_000),
    verified=st.none() | st.booleans(),
    bot=st.none() | st.booleans(),
    labels=st.sampled_from([(), (), ("fan",)]),
)


@given(WIDE_SUBJECTS, WIDE_ACCOUNTS, HOW, st.booleans(), PRIORS)
@settings(max_examples=500)
def test_nor_where_names_handles_and_photos_are_changed_in_many_ways(
    subject: Subject, account: Account, how: list[tuple[Callable[[str, int], str], int]], copies: bool, prior: float
) -> None:
    if copies:
        named = _change(subject.names[0], how) if subject.names else account.display_name
        handle = _change(subject.handles[0].text, how[:1]) if subject.handles else account.handle
        account = replace(account, display_name=named, handle=handle)
    check(subject, account, replace(WORLD, prior_bits=prior), 0.5)
    name, handles = compare_names(subject, account, WORLD), compare_handles(subject, account, WORLD)
    assert name is None or name.bits <= bound_names(account, WORLD)
    assert handles is None or handles.code == "handle.from_name" or handles.bits <= bound_handles(subject, account)


@given(SUBJECTS, ACCOUNTS)
@settings(max_examples=300)
def test_anything_is_bounded(subject: Subject, account: Account) -> None:
    name, handle = compare_names(subject, account, WORLD), compare_handles(subject, account, WORLD)
    assert name is None or name.bits <= bound_names(account, WORLD)
    assert handle is None or handle.code == "handle.from_name" or handle.bits <= bound_handles(subject, account)


def test_a_stranger_with_another_handle_is_left_out_whatever_the_name_is() -> None:
    subject = Subject(names=("Adaeze Brandvold",), handles=(Handle("adaezebrandvold", "x"),))
    namesake = Account("x", "thundercat82", display_name="Adaeze Brandvold")
    assert not Sieve.of(namesake, WORLD).passes(subject, WORLD, 0.5)
    copies = Account("x", "adaezebrandvo1d", display_name="Adaeze Brandvold")
    assert Sieve.of(copies, WORLD).passes(subject, WORLD, 0.5)


def test_most_strangers_are_left_out() -> None:
    chance = random.Random(1)  # noqa: S311 - the same each time, guards nothing
    names = ["".join(chance.choice("abcdefghiklmnoprstu") for _ in range(7)) for _ in range(60)]
    subject = Subject(names=("Adaeze Brandvold",), handles=(Handle("adaezebrandvold", "x"),))
    passed = [Sieve.of(Account("x", name, display_name=name), WORLD).passes(subject, WORLD, 0.5) for name in names]
    assert sum(passed) < 6
