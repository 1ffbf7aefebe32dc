"""Checks in a small index: copies found, nobody wronged, and both directions retrieve alike."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from app.accounts.schemas import AccountIn
from app.checks.service import CheckService
from app.demo.population import Registry
from app.photos.hashing import subject_photo
from app.settings import Settings
from app.storage import Database
from app.storage.migrate import upgrade
from benchmarks.checks import (
    check_all,
    compare_directions,
    draw_accounts,
    draw_people,
    fill,
    open_pictures,
    sample,
    write_figures,
)
from benchmarks.people import load_people
from benchmarks.plants import CLONES, Planter
from benchmarks.plants import Faces as DrawnFaces
from benchmarks.protected import COPYING, LOOKALIKE, REUSE, Faces
from matchers.keys import account_keys, subject_probes
from matchers.profile import Handle, Subject
from matchers.subject_keys import account_probes, subject_keys

PEOPLE, CHECKS = 400, 200


@pytest.mark.slow
def test_copies_are_found_and_nobody_else_is_suspected(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    database = Database(settings.url)
    upgrade(database)
    faces = Faces(open_pictures("development", 12))
    fill(database, settings, draw_people(PEOPLE, faces, 7))
    kept = sample(database, draw_people(PEOPLE, faces, 7))
    assert len(kept) == PEOPLE
    measured = check_all(CheckService(database, settings), draw_accounts(kept, faces, CHECKS, 7))
    database.dispose()
    assert measured.asked.total() == CHECKS
    assert sum(measured.false.values()) == 0, list(write_figures(measured))
    for kind in set(COPYING) - {REUSE, LOOKALIKE}:
        assert measured.asked[kind] > 0
        assert measured.found[kind] == measured.asked[kind], kind
    # A lookalike without a photo has less to go by.
    assert measured.found[LOOKALIKE] >= measured.asked[LOOKALIKE] * 0.6


@pytest.mark.data
@pytest.mark.slow
def test_a_check_retrieves_as_many_changed_portraits_as_a_scan(data_dir: Path) -> None:
    assert load_people(data_dir)
    told = compare_directions(open_pictures("test", 25))
    assert told.pairs > 1_000
    assert told.check >= told.scan


@pytest.mark.data
def test_whatever_a_scan_finds_of_a_clone_a_check_finds(data_dir: Path) -> None:
    """The clones that the end-to-end benchmark plants: name, handle and photo as a cloner changes them."""
    people = [who for who in load_people(data_dir) if who.half == "test" and who.handle][:8]
    planter = Planter(Registry(), DrawnFaces([], 0), date(2026, 11, 1), 3)
    settings, seen = Settings(), 0
    for who in people:
        photo = subject_photo(Image.open(who.portrait).convert("RGB"))
        subject = Subject(names=(who.name,), handles=(Handle(who.handle, "x", who.handle),), photos=(photo,))
        probes = {probe.key for probe in subject_probes(subject, "")}
        stored = subject_keys(subject, "")
        for (wire, _), label in planter.plant(who):
            account = AccountIn.model_validate(wire).to_account(settings)
            if label.kind in CLONES and not probes.isdisjoint(account_keys(account, "")):
                asked = account_probes(account, "")
                assert not stored.isdisjoint(asked.texts | asked.photos), label
                seen += 1
    assert seen > 40
