"""What is not judged could not have been a suspect: the sieve and the judgement never contradict each other."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.demo.population import draw_person, make_handle
from matchers.handles import bound_handles, compare_handles
from matchers.model import judge
from matchers.names import bound_names, compare_names
from matchers.profile import Account, Handle, Photo, Subject
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
    """Where the sieve lets nothing pass, the judgement finds nothing."""
    if Sieve.of(account, world).passes(subject, world, least):
        return
    found = judge(subject, account, world)
    assert found.verdict not in {"own_account", "fan_or_parody"}
    assert found.probability < least


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
