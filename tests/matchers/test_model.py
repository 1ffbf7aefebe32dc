"""The blend: the sum of bits is the odds, absent evidence is absent, the hinge is a real one."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.evidence import Evidence
from matchers.model import (
    SIGNALS,
    Facts,
    decide,
    find_hinge,
    judge,
    probability,
)
from matchers.profile import Account, AccountRef, Handle, Photo, Subject
from matchers.world import World

NOBODY = Facts(own=None, disclosed_openly=False, disclosed_in_bio=False, disguised=False)
TEXTS = st.one_of(st.none(), st.text(max_size=60))
SUBJECT = Subject(names=("Adaeze Brandvold",), handles=(Handle("adaezebrandvold", "x"),))


@given(name=st.text(max_size=60), handle=st.text(max_size=40), shown=TEXTS, used=TEXTS, bio=TEXTS)
def test_log_odds_are_prior_plus_the_sum_of_evidence(
    name: str, handle: str, shown: str | None, used: str | None, bio: str | None
) -> None:
    subject = Subject(names=(name,), handles=(Handle(handle),))
    compared = judge(subject, Account("x", handle=used, display_name=shown, bio=bio))
    assert compared.bits == pytest.approx(sum(e.bits for e in compared.evidence))
    odds = compared.probability / (1 - compared.probability)
    assert math.log2(odds) == pytest.approx(compared.prior_bits + compared.bits, abs=1e-6)


def test_an_account_about_which_nothing_is_known_stays_at_the_prior() -> None:
    compared = judge(SUBJECT, Account("x"))
    assert compared.evidence == ()
    assert compared.probability == pytest.approx(probability(World().prior_bits))
    assert compared.verdict == "unrelated"


@pytest.mark.parametrize("missing", [None, Photo(), Photo(views={"whole": 5}, gate=0.01)])
def test_a_missing_or_flat_avatar_is_no_evidence(missing: Photo | None) -> None:
    subject = Subject(names=("Adaeze Brandvold",), photos=(Photo(views={"whole": 5}, probes=(5,), gate=0.5),))
    compared = judge(subject, Account("x", handle="adaeze", display_name="Adaeze Brandvold", avatar=missing))
    assert "photo" not in {e.signal for e in compared.evidence}


def test_a_common_name_alone_is_never_suspected() -> None:
    compared = judge(Subject(names=("John Smith",)), Account("x", handle="jsmith2", display_name="John Smith"))
    assert compared.probability < 0.05
    assert compared.verdict == "namesake"


def test_the_prior_moves_the_probability_and_nothing_else() -> None:
    account = Account("x", handle="adaezebrandvo1d", display_name="Adaeze Brandvold")
    low, high = (judge(SUBJECT, account, World(prior_bits=prior)) for prior in (-30.0, -5.0))
    assert low.evidence == high.evidence
    assert low.probability < high.probability


def test_an_own_account_is_known_by_its_stable_id_even_after_a_new_handle() -> None:
    subject = Subject(names=("Adaeze Brandvold",), own_accounts=(AccountRef("x", "adaezebrandvold", "77"),))
    own = Account("x", handle="adaeze_new", account_id="77", display_name="Adaeze Brandvold")
    other = Account("x", handle="adaezebrandvold", account_id="78", display_name="Adaeze Brandvold")
    assert judge(subject, own).verdict == "own_account"
    assert judge(subject, other).verdict != "own_account"


def test_a_link_to_the_subject_does_not_make_an_account_own() -> None:
    account = Account(
        "x", handle="adaezebrandvo1d", display_name="Adaeze Brandvold", bio="Me: https://x.com/adaezebrandvold"
    )
    assert judge(SUBJECT, account).verdict != "own_account"


@pytest.mark.parametrize(
    ("name", "handle", "shown", "used", "expected"),
    [
        ("Li Fan", "lifan", "Li Fan", "li_fan", "clone"),
        ("Sarah Fake", "sarahfake", "Sarah Fake", "sarah_fake", "clone"),
        ("Adaeze Brandvold", "adaeze_not_bot", "Adaeze Brandvold", "adaeze_not_bot1", "clone"),
        ("Li Fan", "lifan", "Li Fan Fan Club", "lifan99", "fan_or_parody"),
        ("Adaeze Brandvold", "adaezebrandvold", "Adaeze Brandvold", "adaeze_fan", "fan_or_parody"),
    ],
)
def test_words_that_the_subject_bears_himself_disclose_nothing(
    name: str, handle: str, shown: str, used: str, expected: str
) -> None:
    subject = Subject((name,), (Handle(handle, "x"),), (Photo(views={"whole": 5}, probes=(5,), side=400),))
    account = Account("x", used, display_name=shown, avatar=Photo(views={"whole": 5}, side=400))
    assert judge(subject, account).verdict == expected


def test_a_disguise_of_the_name_too_does_not_make_a_namesake() -> None:
    subject = Subject(names=("Michael McFaul",), handles=(Handle("McFaul", "x"),))
    assert judge(subject, Account("x", "McFauI", display_name="Michael McFauI")).verdict == "lookalike"


@pytest.mark.parametrize(
    ("shown", "bio", "told"),
    [
        ("Paul Hill", None, "nothing else"),
        ("Paul Hill", "Views are my own. Retweets are not endorsements.", "too little else"),
        ("\u0420\u0430ul Hill", None, "in disguise"),
    ],
)
def test_the_reason_for_a_namesake_fits_the_evidence(shown: str, bio: str | None, told: str) -> None:
    subject = Subject(("Paul Hill",), (Handle("paulhill", "x"),), bio=bio)
    compared = judge(subject, Account("x", "xk_77", display_name=shown, bio=bio))
    assert compared.verdict == "namesake"
    assert told in (compared.reason or "")


def test_disguise_counts_only_beside_a_resemblance() -> None:
    stranger = judge(SUBJECT, Account("x", handle="q\u0430z", display_name="Kim L\u0435e"))
    assert "deception" not in {e.signal for e in stranger.evidence}


def _evidence(signal: str, bits: float, code: str = "") -> Evidence:
    return Evidence(signal, code or f"{signal}.same", bits, "", params={"share": 1.0})


def test_the_hinge_changes_the_verdict_when_left_out() -> None:
    evidence = [_evidence("photo", 20.0), _evidence("name", 10.0)]
    verdict = decide(evidence, NOBODY, -17.0)
    hinge = find_hinge(evidence, NOBODY, -17.0, verdict)
    assert verdict == "clone"
    assert hinge is not None
    without = [e for e in evidence if e.signal != hinge.signal]
    assert decide(without, NOBODY, -17.0) == hinge.verdict_without != verdict


def test_no_hinge_where_no_single_piece_decides() -> None:
    assert find_hinge([], NOBODY, -17.0, "unrelated") is None


@given(st.lists(st.tuples(st.sampled_from([s.name for s in SIGNALS]), st.floats(-10, 30)), max_size=6))
def test_a_contradicting_signal_never_raises_the_probability(pairs: list[tuple[str, float]]) -> None:
    evidence = [_evidence(signal, bits) for signal, bits in pairs]
    worse = [*evidence, _evidence("context", -3.0)]
    assert probability(-17 + sum(e.bits for e in worse)) <= probability(-17 + sum(e.bits for e in evidence))


def test_signal_names_are_distinct_and_weights_positive() -> None:
    assert len({signal.name for signal in SIGNALS}) == len(SIGNALS)
    assert all(0 < signal.weight <= 1 for signal in SIGNALS)


def test_a_namesake_who_came_later_is_no_suspect() -> None:
    subject = Subject(names=("Adaeze Brandvold",), created_at=datetime(2012, 1, 1, tzinfo=UTC))
    account = Account("x", "quietowl", display_name="Adaeze Brandvold", created_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert judge(subject, account, World(prior_bits=-10.0)).verdict == "namesake"
