from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.errors import InvalidProfileError
from matchers.keys import account_keys, subject_probes
from matchers.model import judge
from matchers.photos import compare_photos
from matchers.profile import Account, Photo, Subject
from matchers.world import DEFAULT_WORLD, World

PDQ = int("d" + "3a91c05e7b2f" * 5 + "6a2", 16)
PHASH = 0x9F3C61A5D2784B0E
ME = Photo(views={"whole": 1}, probes=(1,), gate=0.4, side=400, pdq=PDQ, pdq_quality=100, phash=PHASH)


def _flip(value: int, bits: int, of: int = 256) -> int:
    for step in range(bits):
        value ^= 1 << step * 37 % of  # 37 shares no factor with 64 or 256: every place comes once
    return value


def _account(**hashes: int) -> Account:
    return Account("x", "somebody", avatar=Photo(**hashes))  # type: ignore[arg-type]


def _pdq(bits: int) -> Account:
    return _account(pdq=_flip(PDQ, bits))


def _phash(bits: int) -> Account:
    return _account(phash=_flip(PHASH, bits, 64))


@pytest.mark.parametrize(
    ("account", "code", "bits"),
    [
        (_pdq(0), "photo.same", 17.0),
        (_pdq(31), "photo.same", 17.0),
        (_pdq(45), "photo.same", 14.5),
        (_pdq(80), "photo.similar", 4.7143),
        (_pdq(128), "photo.differs", -1.7),
        (_phash(0), "photo.same", 17.0),
        (_phash(8), "photo.same", 8.8),
        (_phash(10), "photo.similar", 7.4),
        (_phash(32), "photo.differs", -2.1),
        (_account(pdq=PDQ, phash=_flip(PHASH, 32, 64)), "photo.same", 17.0),  # the stronger counts
    ],
)
def test_a_picture_without_views_is_compared_by_other_hashes(account: Account, code: str, bits: float) -> None:
    finding = compare_photos(Subject(photos=(ME,)), account, DEFAULT_WORLD)
    assert finding is not None
    assert (finding.code, finding.bits) == (code, bits)
    assert not finding.summary.endswith(".")


@pytest.mark.parametrize(
    ("photo", "avatar"),
    [
        (ME, Photo(pdq=PDQ, pdq_quality=49)),
        (Photo(views={"whole": 1}, probes=(1,), pdq=PDQ, pdq_quality=49), Photo(pdq=PDQ)),
        (Photo(views={"whole": 1}, probes=(1,)), Photo(pdq=PDQ, phash=PHASH)),
        (Photo(views={"whole": 1}, probes=(1,), pdq=PDQ), Photo(phash=PHASH)),
        (Photo(views={"whole": 1}, probes=(1,), gate=0.1, pdq=PDQ), Photo(pdq=PDQ)),
    ],
    ids=["poor list entry", "poor photo", "no hashes", "other hashes", "flat photo"],
)
def test_what_proves_nothing_is_no_evidence(photo: Photo, avatar: Photo) -> None:
    assert compare_photos(Subject(photos=(photo,)), Account("x", "somebody", avatar=avatar), DEFAULT_WORLD) is None


def test_own_hashes_go_before_those_of_others() -> None:
    bare = Photo(views={"whole": 1}, probes=(1,), gate=0.4, side=400)
    views = {"whole": (1 << 200) - 1}
    for mine, theirs in ((ME, Photo(views=views, pdq=PDQ)), (bare, Photo(views=views))):
        finding = compare_photos(Subject(photos=(mine,)), Account("x", avatar=theirs), DEFAULT_WORLD)
        assert finding is not None
        assert (finding.code, finding.bits) == ("photo.differs", -3.5)


def test_an_entry_that_many_wear_says_little() -> None:
    finding = compare_photos(Subject(photos=(ME,)), _pdq(0), World(photo_counts={PDQ: 1000}))
    assert finding is not None
    assert finding.code == "photo.stock"
    assert finding.bits == pytest.approx(17 - 9.967, abs=0.01)


def test_it_carries_a_verdict() -> None:
    comparison = judge(Subject(names=("Jane Doe",), photos=(ME,)), Account("x", "qq81", avatar=Photo(pdq=PDQ)))
    assert "photo.same" in {evidence.code for evidence in comparison.evidence}


@given(st.integers(0, 2**256 - 1), st.sets(st.integers(0, 255), max_size=31))
def test_a_pdq_within_31_bits_is_found_by_the_index(pdq: int, turned: set[int]) -> None:
    account = _account(pdq=pdq ^ sum(1 << bit for bit in turned))
    subject = Subject(photos=(Photo(views={"whole": 1}, probes=(1,), gate=0.4, side=400, pdq=pdq),))
    assert account_keys(account, "c") & {probe.key for probe in subject_probes(subject, "c")}


def test_only_pictures_without_views_are_stored_under_other_hashes() -> None:
    both = Photo(views={"whole": 5}, gate=0.4, side=400, pdq=PDQ, phash=PHASH)
    without = Photo(views={"whole": 5}, gate=0.4, side=400)
    keys = [account_keys(Account("x", "somebody", avatar=avatar), "c") for avatar in (both, without)]
    assert keys[0] == keys[1]
    bare = account_keys(Account("x", "somebody"), "c")
    assert len(account_keys(_account(pdq=PDQ, phash=PHASH), "c") - bare) == 16 + 4
    poor = Account("x", "somebody", avatar=Photo(pdq=PDQ, pdq_quality=3))
    assert account_keys(poor, "c") == bare


@pytest.mark.parametrize("wrong", [{"pdq": 1 << 256}, {"phash": 1 << 64}, {"pdq_quality": 101}, {"phash": -1}])
def test_what_is_no_hash_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(InvalidProfileError, match=next(iter(wrong))):
        Photo(**wrong)  # type: ignore[arg-type]
