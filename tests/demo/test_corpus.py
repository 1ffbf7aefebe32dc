"""The demo corpus: repeatable, valid on the wire, every kind of account planted and judged as it is meant to be."""

from __future__ import annotations

import collections
import io
import random
from datetime import date

import pytest
from PIL import Image

from app.accounts.schemas import AccountIn
from app.demo.corpus import build_demo, draft_strangers
from app.demo.pictures import finish, finish_all
from app.demo.planted import Planted
from app.demo.population import PLATFORMS, Registry, draw_person, make_accounts
from app.photos.hashing import subject_photo
from app.platforms.catalogue import load_catalogue
from app.platforms.identity import parse_profile_url
from app.settings import Settings
from matchers.model import judge
from matchers.profile import Handle, Subject
from matchers.world import World

TODAY = date(2026, 11, 1)
DEMO = build_demo(seed=1, size=150, today=TODAY)
SETTINGS = Settings()


@pytest.fixture(scope="module")
def subject() -> Subject:
    own = tuple(ref for ref in map(parse_profile_url, DEMO.own_accounts) if ref is not None)
    photo = subject_photo(Image.open(io.BytesIO(DEMO.photo)))
    handle = Handle(DEMO.handle, DEMO.platform)
    return Subject(names=(DEMO.name,), handles=(handle,), photos=(photo,), own_accounts=own)


def test_the_same_arguments_build_the_same_corpus() -> None:
    assert list(build_demo(seed=1, size=40).accounts()) == list(build_demo(seed=1, size=40).accounts())
    assert list(build_demo(seed=1, size=40).accounts()) != list(build_demo(seed=2, size=40).accounts())
    assert build_demo(seed=1).photo == build_demo(seed=2).photo


def test_a_pool_draws_what_one_process_draws() -> None:
    drafts = list(draft_strangers(random.Random(3), 320, Registry(), TODAY))  # noqa: S311
    assert list(finish_all(drafts, workers=2)) == [finish(draft) for draft in drafts]


def test_every_account_is_valid_on_the_wire_and_unique() -> None:
    accounts = list(DEMO.accounts())
    assert len(accounts) == DEMO.size
    for account in accounts:
        AccountIn.model_validate(account).to_account(SETTINGS)
    keys = collections.Counter((a["platform"], a["handle"].lower()) for a in accounts)
    assert keys.most_common(1)[0][1] == 1


def test_handles_obey_their_platform() -> None:
    rng, registry = random.Random(4), Registry()  # noqa: S311
    for _, account in make_accounts(rng, 1500, registry, TODAY):
        platform = load_catalogue().platforms[account["platform"]]
        assert platform.handle_pattern is not None
        assert platform.handle_pattern.match(account["handle"]), account["handle"]
    assert set(PLATFORMS) <= set(load_catalogue().platforms)


def test_names_come_by_their_frequency() -> None:
    rng = random.Random(4)  # noqa: S311
    people = [draw_person(rng) for _ in range(20_000)]
    surnames = collections.Counter(p.surname for p in people)
    assert 120 < surnames["smith"] < 290  # about 1 % of Americans
    assert len(surnames) > 5_000


def test_every_verdict_is_planted() -> None:
    assert {p.verdict for p in DEMO.planted} == {
        "clone", "lookalike", "photo_reuse", "namesake", "fan_or_parody", "own_account", "unrelated",
    }  # fmt: skip


@pytest.mark.parametrize("plant", DEMO.planted, ids=lambda p: p.how)
def test_planted_accounts_get_the_verdict_they_were_made_for(plant: Planted, subject: Subject) -> None:
    account = AccountIn.model_validate(plant.account).to_account(SETTINGS)
    comparison = judge(subject, account, World(today=TODAY))
    assert comparison.verdict == plant.verdict, comparison
