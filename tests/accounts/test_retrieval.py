from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import names
import pytest
from sqlalchemy import update

from app.accounts import retrieval
from app.accounts.models import CorpusRow
from app.accounts.retrieval import Retrieval, find_candidates
from app.accounts.schemas import AccountIn
from app.accounts.service import import_accounts
from app.settings import Settings
from app.storage import Database, utc_now
from matchers.profile import Handle, Photo, Subject
from tests.accounts.conftest import Put, hashes

JANE = Subject(names=("Adaeze Brandvold",), handles=(Handle("adaezebrandvold", "x"),))


def retrieve(db: Database, subject: Subject, limit: int = 200, corpus: str = "default") -> Retrieval:
    with db.read() as session:
        return find_candidates(session, subject, corpus, limit)


def handles(found: Retrieval) -> list[str | None]:
    return [candidate.account.handle for candidate in found.candidates]


@pytest.fixture
def crowd(db: Database, settings: Settings) -> None:
    """A thousand strangers by real name frequency."""
    drawn = random.Random(7)  # noqa: S311 - a fixed series is wanted
    random.seed(7)
    records: list[dict[str, Any]] = []
    for number in range(1_000):
        first, last = names.get_first_name(), names.get_last_name()
        handle = drawn.choice([f"{first}{last}", f"{first}_{last}{number}", f"{last}{number}", f"{first[0]}{last}"])
        records.append({"platform": "x", "handle": handle, "display_name": f"{first} {last}", "avatar": hashes(number)})
    import_accounts(db, settings, ((n, AccountIn.model_validate(record)) for n, record in enumerate(records, start=1)))


@pytest.mark.usefixtures("crowd")
def test_planted_lookalikes_come_first(db: Database, put: Put) -> None:
    planted: list[dict[str, Any]] = [
        {"handle": "adaezebrandvo1d", "display_name": "Adaeze Brandvold"},
        {"handle": "adaeze_brandvold_official", "display_name": "Adaeze Brandvold ✓"},
        {"handle": "xk92741", "display_name": "Аdaeze Brandvold"},
        {"handle": "adaezebrandv0ld", "display_name": None, "account_id": "5"},
    ]
    put(*planted)
    found = retrieve(db, JANE)
    assert set(handles(found)[:4]) == {record["handle"] for record in planted}
    assert found.total >= 4


@pytest.mark.usefixtures("crowd")
def test_a_face_is_found_under_another_name(db: Database, put: Put) -> None:
    put({"handle": "somebody", "display_name": "Zoltan Petrescu", "avatar": hashes("jane", flips=20)})
    plain = int(hashes("jane")["hashes"]["views"]["whole"], 16)
    subject = Subject(photos=(Photo(views={"whole": plain}, probes=(plain,), gate=0.5),))
    assert "somebody" in handles(retrieve(db, subject))[:3]


def test_an_account_comes_back_whole(db: Database, put: Put) -> None:
    put(
        {
            "handle": "adaezebrandvold",
            "bio": "b",
            "labels": ["fan"],
            "links": [{"url": "https://a.example"}],
            "posts": 3,
        }
    )
    (candidate,) = retrieve(db, JANE).candidates
    account = candidate.account
    assert (account.platform, account.bio, account.labels, account.posts) == ("x", "b", ("fan",), 3)
    assert account.links[0].url == "https://a.example"
    assert candidate.source == "import"
    assert len(candidate.public_id) == 20


def test_nothing_to_find(db: Database, put: Put) -> None:
    assert retrieve(db, JANE) == Retrieval([], 0, 0)
    put({"handle": "unrelated"})
    assert retrieve(db, JANE) == Retrieval([], 0, 0)
    assert retrieve(db, Subject()) == Retrieval([], 0, 0)


def test_other_corpora_and_expired_accounts_are_never_returned(db: Database, put: Put, settings: Settings) -> None:
    put({"handle": "adaezebrandvold"})
    assert retrieve(db, JANE, corpus="other").candidates == []
    seen = AccountIn(platform="x", handle="adaeze_brandvold", display_name="Adaeze Brandvold")
    import_accounts(db, settings, [(1, seen)], expires_at=utc_now() - timedelta(seconds=1))
    assert handles(retrieve(db, JANE)) == ["adaezebrandvold"]
    import_accounts(db, settings, [(1, seen)], expires_at=utc_now() + timedelta(days=1))
    assert set(handles(retrieve(db, JANE))) == {"adaezebrandvold", "adaeze_brandvold"}


def test_a_common_name_costs_no_more_than_the_bounds_and_says_what_it_left_out(
    db: Database, settings: Settings
) -> None:
    same = (AccountIn(platform="x", handle=f"u{n}q", display_name="Adaeze Brandvold") for n in range(2_500))
    import_accounts(db, settings, enumerate(same, start=1))
    import_accounts(
        db, settings, [(1, AccountIn(platform="x", handle="adaezebrandv0ld", display_name="Adaeze Brandvold"))]
    )
    found = retrieve(db, JANE, limit=100)
    assert handles(found)[0] == "adaezebrandv0ld"
    assert len(found.candidates) == 100
    bound = retrieval.CommonBound()
    assert found.total <= bound.rows + bound.cut_keys * bound.cut_rows
    assert found.left_out == 2_501 - 100
    # what is read of a key that is too common is its newest part
    assert "u2499q" in handles(retrieve(db, Subject(names=("Adaeze Brandvold",))))


def test_more_candidates_are_returned_from_a_large_index(db: Database, put: Put) -> None:
    put(*({"handle": f"adaezebrandvold{number}"} for number in range(30)))
    assert len(retrieve(db, JANE, limit=2).candidates) == 2
    with db.write() as session:
        session.execute(update(CorpusRow).values(accounts=retrieval.LARGE + 1))
    assert len(retrieve(db, JANE, limit=2).candidates) == 2 * retrieval.LARGE_FACTOR


def test_one_photo_band_in_common_is_worth_a_look_but_never_left_out(db: Database, put: Put) -> None:
    plain = int(hashes("jane")["hashes"]["views"]["whole"], 16)
    # The last 21 bits that belong to a band stay as they are, all others are turned over.
    other = plain ^ ((1 << 256) - 1) ^ (((1 << 21) - 1) << 4)
    views = {"whole": f"{other:064x}", "center": f"{other:064x}"}
    put(
        *({"handle": f"stranger{n}", "avatar": {"hashes": {**hashes("x")["hashes"], "views": views}}} for n in range(9))
    )
    subject = Subject(photos=(Photo(views={"whole": plain}, probes=(plain,), gate=0.5),))
    assert len(retrieve(db, subject).candidates) == 9
    found = retrieve(db, subject, limit=4)
    assert (len(found.candidates), found.left_out) == (4, 0)
