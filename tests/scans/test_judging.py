"""What candidates tell together: stock pictures, the age of the original, one account from two sources."""

from __future__ import annotations

from datetime import UTC, datetime

from app.scans.judging import MANY_WEARERS, count_wearers, fingerprint, judge_candidates, rank
from app.sources.contract import Candidate
from matchers.profile import Account, AccountRef, Link, Photo, Subject
from matchers.world import World

PICTURE = 0b1011 << 200
PHOTO = Photo(views={"whole": PICTURE}, probes=(PICTURE,), gate=0.5, side=300)
AVATAR = Photo(views={"whole": PICTURE}, gate=0.5, side=300)
SUBJECT = Subject(names=("Adaeze Brandvold",), photos=(PHOTO,), own_accounts=(AccountRef("x", "adaeze"),))


def _wearers(count: int) -> list[Candidate]:
    return [
        Candidate(Account("x", f"h{i}", display_name=f"Person{i} Name{i}", avatar=AVATAR), "index")
        for i in range(count)
    ]


def test_a_picture_that_many_strangers_wear_says_little() -> None:
    few = judge_candidates(SUBJECT, _wearers(2), World(), {})
    many = judge_candidates(SUBJECT, _wearers(300), World(), {})
    assert {item.comparison.verdict for item in few} == {"photo_reuse"}
    assert {item.comparison.verdict for item in many} == {"unrelated"}


def test_clones_under_the_persons_name_do_not_make_a_picture_common() -> None:
    clones = [
        Candidate(Account("x", f"h{i}", display_name="Adaeze Brandvold", avatar=AVATAR), "index") for i in range(50)
    ]
    assert count_wearers(SUBJECT, clones) == {}
    assert count_wearers(SUBJECT, _wearers(MANY_WEARERS)) == {PICTURE: MANY_WEARERS}


def test_the_own_account_found_dates_the_original() -> None:
    own = Candidate(Account("x", "adaeze", created_at=datetime(2015, 5, 1, tzinfo=UTC)), "index")
    old = Candidate(
        Account("y", "b", display_name="Adaeze Brandvold", created_at=datetime(2010, 1, 1, tzinfo=UTC)), "index"
    )
    judged = {item.account.platform: item for item in judge_candidates(SUBJECT, [own, old], World(), {})}
    assert "context.older" in {e.code for e in judged["y"].comparison.evidence}
    assert judged["x"].comparison.verdict == "own_account"


def test_what_the_own_account_links_to_is_the_persons_too() -> None:
    links = (Link("https://www.instagram.com/Adaeze.B/"), Link("https://adaeze.example"))
    own = Account("x", "adaeze", display_name="Adaeze Brandvold", links=links)
    second = Account("instagram", "adaeze.b", display_name="Adaeze Brandvold", avatar=AVATAR)
    # It links to the original, as impostors do, and to a third account of its own.
    clone = Account("x", "adaeze_b", display_name="Adaeze Brandvold", avatar=AVATAR, links=(Link("https://x.com/c"),))
    third = Account("x", "c", display_name="Adaeze Brandvold", avatar=AVATAR)
    found = judge_candidates(SUBJECT, [Candidate(a, "index") for a in (clone, third, second, own)], World(), {})
    assert [item.comparison.verdict for item in found] == ["clone", "clone", "own_account", "own_account"]
    assert found[2].comparison.reason == "One of your own accounts links to it"


def test_fingerprints_follow_name_and_photo() -> None:
    plain = Account("x", "a", display_name="Jane", avatar=AVATAR)
    assert fingerprint(plain) == fingerprint(Account("y", "b", display_name="JANE", avatar=AVATAR, bio="new"))
    assert fingerprint(plain) != fingerprint(Account("x", "a", display_name="Jane", avatar=None))
    assert fingerprint(plain) != fingerprint(Account("x", "a", display_name="Janet", avatar=AVATAR))


def test_the_ranking_is_by_odds_and_bounded() -> None:
    judged = judge_candidates(
        SUBJECT,
        [*_wearers(3), Candidate(Account("x", "n", display_name="Adaeze Brandvold", avatar=AVATAR), "index")],
        World(),
        {},
    )
    ranking = rank(judged, 2, 0.5)
    assert next(item.account.handle for item in ranking.suspects) == "n"
    assert len(ranking.suspects) == 2
