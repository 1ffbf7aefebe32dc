"""What holds for the whole judgement, whatever it is given."""

from __future__ import annotations

import importlib
import math
import pkgutil
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import app
import matchers
from matchers.model import judge
from matchers.names import parse_name
from matchers.profile import Account, AccountRef, Handle, Link, Photo, Subject
from matchers.text import clean, fold, skeleton
from matchers.world import World

# Any code point there is, lone surrogates too.
TEXTS = st.text(st.characters(exclude_categories=()), max_size=60)
HASHES = st.integers(0, (1 << 256) - 1)
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
PHOTOS = st.builds(
    Photo,
    views=st.dictionaries(st.sampled_from(["whole", "center", "square", "top", "?"]), HASHES, max_size=4),
    probes=st.lists(HASHES, max_size=4).map(tuple),
    gate=st.floats(0, 1),
    side=st.none() | st.integers(0, 10_000),
)
SUBJECTS = st.builds(
    Subject,
    names=st.lists(TEXTS, max_size=3).map(tuple),
    handles=st.lists(st.builds(Handle, TEXTS, st.none() | st.just("x") | TEXTS), max_size=2).map(tuple),
    photos=st.lists(PHOTOS, max_size=2).map(tuple),
    bio=st.none() | TEXTS,
    links=st.lists(TEXTS, max_size=2).map(tuple),
    absent_from=st.frozensets(st.just("x")),
    created_at=st.none() | MOMENTS,
)
ACCOUNTS = st.builds(
    Account,
    platform=st.just("x") | TEXTS.filter(bool),
    handle=st.none() | TEXTS,
    display_name=st.none() | TEXTS,
    bio=st.none() | TEXTS,
    avatar=st.none() | PHOTOS,
    created_at=st.none() | MOMENTS,
    followers=st.none() | st.integers(0, 10**12),
    verified=st.none() | st.booleans(),
    verified_kind=st.none() | TEXTS,
    bot=st.none() | st.booleans(),
    labels=st.lists(st.just("parody") | TEXTS, max_size=2).map(tuple),
    links=st.lists(st.builds(Link, TEXTS, st.none() | st.booleans()), max_size=2).map(tuple),
)
WORLD = World(today=date(2026, 11, 24))


@given(SUBJECTS, ACCOUNTS, st.sampled_from([-26.0, -17.0, -10.0, 0.0]))
@settings(max_examples=400)
def test_anything_is_judged(subject: Subject, account: Account, prior: float) -> None:
    found = judge(subject, account, replace(WORLD, prior_bits=prior))
    assert 0 <= found.probability <= 1
    assert math.isfinite(found.bits)
    assert found.bits == pytest.approx(sum(e.bits for e in found.evidence), abs=1e-6)
    assert all(e.summary and math.isfinite(e.bits) for e in found.evidence)
    texts = {"name": account.display_name, "handle": account.handle, "bio": account.bio}
    for span in (span for e in found.evidence for span in e.spans):
        assert 0 <= span.start < span.end
        if span.side == "candidate":
            assert span.end <= len(texts[span.field] or "")


@given(SUBJECTS, ACCOUNTS)
@settings(max_examples=200)
def test_the_same_is_judged_the_same(subject: Subject, account: Account) -> None:
    assert judge(subject, account, WORLD) == judge(subject, account, WORLD)


JANE = Subject(
    names=("Adaeze Brandvold",),
    handles=(Handle("adaezebrandvold", "x"),),
    photos=(Photo(views={"whole": 5}, probes=(5,), gate=0.5, side=400),),
    bio="Marine biologist in Bergen, writes about kelp and cold water",
    absent_from=frozenset({"tiktok"}),
)
AGREEING = {
    "display_name": "Adaeze Brandvold",
    "handle": "adaezebrandvo1d",
    "avatar": Photo(views={"whole": 5}, gate=0.5, side=400),
    "bio": JANE.bio,
    "created_at": datetime(2026, 11, 1, tzinfo=UTC),
}


@given(st.sets(st.sampled_from(sorted(AGREEING))), st.sampled_from(sorted(AGREEING)))
def test_what_agrees_never_lowers_the_odds(told: set[str], more: str) -> None:
    some = Account("tiktok", **{name: AGREEING[name] for name in told})  # type: ignore[arg-type]
    wider = Account("tiktok", **{name: AGREEING[name] for name in (*told, more)})  # type: ignore[arg-type]
    assert judge(JANE, wider, WORLD).bits >= judge(JANE, some, WORLD).bits - 1e-9


def test_nobody_resembles_the_subject_more_than_the_whole_copy() -> None:
    whole = judge(JANE, Account("tiktok", **AGREEING), WORLD)  # type: ignore[arg-type]
    assert whole.probability > 0.999_999
    for name in AGREEING:
        part = Account("tiktok", **(AGREEING | {name: None}))  # type: ignore[arg-type]
        assert judge(JANE, part, WORLD).bits < whole.bits


def test_whoever_is_listed_is_never_a_suspect() -> None:
    own = replace(JANE, own_accounts=(AccountRef("tiktok", "adaezebrandvo1d"),))
    assert judge(own, Account("tiktok", **AGREEING), WORLD).verdict == "own_account"  # type: ignore[arg-type]


@given(TEXTS)
def test_normalising_twice_is_normalising_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert skeleton(skeleton(text)) == skeleton(text)
    assert fold(fold(text)) == fold(text)


@given(TEXTS)
def test_the_parts_of_a_name_lie_inside_it(text: str) -> None:
    for part in parse_name(text).parts:
        assert 0 <= part.start < part.end <= len(text)


def _find_patterns() -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes]]]:
    for package in (matchers, app):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" in module.name:
                continue
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, re.Pattern):
                    yield f"{module.name}.{name}", value


PATTERNS = dict(_find_patterns())
HOSTILE = [
    "a",
    " ",
    "1",
    "-",
    ".",
    "_",
    "/",
    "@",
    "\\",
    "'",
    '"',
    "<",
    "(",
    "ab ",
    "a.",
    "a-",
    "http://",
    "not ",
    "fan ",
]


def test_there_are_patterns_to_try() -> None:
    assert len(PATTERNS) > 20


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_no_pattern_stalls(name: str) -> None:
    pattern = PATTERNS[name]
    for piece in HOSTILE:
        text = (piece * 20_000)[:20_000] + "\x00!"
        start = time.perf_counter()
        if isinstance(pattern.pattern, bytes):
            for _ in zip(range(50), pattern.finditer(text.encode()), strict=False):
                pass
        else:
            pattern.search(text)
            pattern.match(text)
            pattern.fullmatch(text)
        assert time.perf_counter() - start < 2.0, f"{name} on {piece!r}"
