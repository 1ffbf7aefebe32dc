"""Checks over HTTP: which stored subject an account copies, and what is never called a suspect."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import delete
from starlette.testclient import TestClient

from app.checks.service import share_prior
from app.demo.portraits import draw_portrait, encode_jpeg
from app.settings import Settings
from app.subjects.models import SubjectPhotoRow, SubjectRow
from tests.api.conftest import Json, as_photo, connect

SUBJECT: Json = {
    "name": "Adaeze Brandvold",
    "handle": "adaezebrandvold",
    "platform": "x",
    "own_accounts": ["https://www.instagram.com/ada.birds"],
}

GIVEN_NAMES = ("Maria", "Paolo", "Ines", "Viktor", "Ottilie", "Bram", "Soraya", "Hugo", "Dilek", "Anton")


@pytest.fixture
def subject_id(client: TestClient, portrait: bytes) -> str:
    """The id of the protected person, among others."""
    others = [{"name": f"{name} Quist", "handle": f"{name.lower()}.q"} for name in GIVEN_NAMES]
    assert client.post("/v1/subjects", json=others).json()["inserted"] == len(others)
    answer = client.post("/v1/subjects", json=SUBJECT | {"photo": as_photo(portrait)})
    stored: Json = answer.json()
    return str(stored["id"])


def check(client: TestClient, **account: Any) -> Json:
    answer = client.post("/v1/checks", json={"account": {"platform": "x"} | account})
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


def test_each_kind_of_copy_is_matched(client: TestClient, subject_id: str, accounts: list[Json]) -> None:
    verdicts = {}
    for account in accounts[:3]:
        told = check(client, **account)
        assert [match["subject_id"] for match in told["matches"]] == [subject_id]
        verdicts[account["handle"]] = told["matches"][0]["verdict"]
    assert verdicts == {
        "adaezebrandvo1d": "clone",
        "chloewinters88": "photo_reuse",
        "adaezebrandvoId_": "lookalike",
    }


def test_a_match_is_the_comparison_of_compare(client: TestClient, subject_id: str, accounts: list[Json]) -> None:
    match = check(client, **accounts[0])["matches"][0]
    hashes = client.get(f"/v1/subjects/{subject_id}").json()["photos"]
    body = {"subject": SUBJECT | {"photo": hashes[0]}, "account": accounts[0]}
    assert match == client.post("/v1/compare", json=body).json() | {"subject_id": subject_id}


def test_namesakes_parodies_and_own_accounts_are_no_suspects(
    client: TestClient, subject_id: str, accounts: list[Json]
) -> None:
    namesake, parody, own = accounts[3:6]
    told = check(client, **namesake)
    assert (told["matches"], told["set_aside"], told["compared"]) == ([], [], 1)
    for account, verdict in ((parody, "fan_or_parody"), (own, "own_account")):
        told = check(client, **account)
        assert told["matches"] == []
        assert [(one["subject_id"], one["verdict"]) for one in told["set_aside"]] == [(subject_id, verdict)]
        assert told["set_aside"][0]["reason"]


@pytest.mark.usefixtures("subject_id")
def test_an_own_account_under_another_name_is_told_as_own(client: TestClient) -> None:
    told = check(client, platform="instagram", handle="Ada.Birds", display_name="Birds of the fjord")
    assert [one["verdict"] for one in told["set_aside"]] == ["own_account"]
    assert check(client, platform="tiktok", handle="ada.birds", display_name="Birds")["set_aside"] == []


@pytest.mark.usefixtures("subject_id")
def test_strangers_match_nobody(client: TestClient) -> None:
    avatar = as_photo(encode_jpeg(draw_portrait("check stranger")))
    told = check(client, handle="unrelated.person", display_name="Unrelated Person", avatar=avatar)
    assert (told["matches"], told["set_aside"]) == ([], [])
    assert told["photo"] == {"usable": True, "reason": None}


def test_several_are_answered_in_their_order(client: TestClient, subject_id: str, accounts: list[Json]) -> None:
    answer = client.post("/v1/checks", json={"accounts": [accounts[10], accounts[0], accounts[11]]})
    found = [[match["subject_id"] for match in result["matches"]] for result in answer.json()["results"]]
    assert found == [[], [subject_id], []]


@pytest.mark.usefixtures("subject_id")
def test_min_probability_filters_matches(client: TestClient, accounts: list[Json]) -> None:
    body = {"account": accounts[2], "min_probability": 1.0}
    assert client.post("/v1/checks", json=body).json()["matches"] == []
    # Below the threshold a match may be shown on request, but never one that the rules set aside.
    told = client.post("/v1/checks", json={"account": accounts[3], "min_probability": 0}).json()
    assert told["matches"] == []


@pytest.mark.usefixtures("subject_id")
def test_a_picture_by_address_is_told_as_not_looked_at(client: TestClient) -> None:
    told = check(client, handle="chloewinters88", avatar={"url": "https://example.org/me.jpg"})
    assert told["photo"]["usable"] is False
    assert "fetches nothing" in told["photo"]["reason"]


def test_a_change_and_an_erasure_count_at_once(client: TestClient, subject_id: str, accounts: list[Json]) -> None:
    client.patch(f"/v1/subjects/{subject_id}", json={"photo": None})
    assert check(client, **accounts[1])["matches"] == []
    assert check(client, **accounts[2])["matches"]
    client.delete(f"/v1/subjects/{subject_id}")
    assert check(client, **accounts[2]) == {
        "matches": [],
        "set_aside": [],
        "photo": None,
        "compared": 0,
        "left_out": 0,
    }


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"account": {"handle": "a"}, "accounts": [{"handle": "a"}]}, ""),
        ({"accounts": []}, "/accounts"),
        ({"accounts": [{"handle": "a"}] * 501}, "/accounts"),
        ({"account": {"platform": "x"}}, "/account"),
        ({"account": {"handle": "a"}, "limit": 0}, "/limit"),
        ({"accounts": [{"handle": "a"}, {"handle": "b", "avatar": {"base64": "AAAA"}}]}, "/accounts/1/avatar/base64"),
    ],
)
def test_refusals_point_to_the_fault(client: TestClient, body: Json, pointer: str) -> None:
    answer = client.post("/v1/checks", json=body)
    assert answer.status_code in {415, 422}, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_a_common_name_is_bounded(client: TestClient, portrait: bytes) -> None:
    namesakes = [{"name": "Jane Doe", "bio": str(number)} for number in range(60)]
    target = {"name": "Jane Doe", "handle": "jane_d_birder", "platform": "x", "photo": as_photo(portrait)}
    told = client.post("/v1/subjects", json=[*namesakes, target]).json()
    found = check(client, handle="jane_d_blrder", display_name="Jane Doe", avatar=as_photo(portrait))
    assert [match["subject_id"] for match in found["matches"]] == [told["subjects"][-1]["id"]]
    assert found["compared"] <= 18
    assert found["left_out"] > 0


def test_a_photo_with_few_probes_is_compared_too(client: TestClient, portrait: bytes) -> None:
    hashes = client.post("/v1/hashes", json={"photo": as_photo(portrait)}).json()["hashes"]
    hashes["probes"] = hashes["probes"][:3]
    client.post("/v1/subjects", json={"name": "Jane Doe", "photo": {"hashes": hashes}})
    found = check(client, handle="qqqwwweee", display_name="Ulrich Anders", avatar=as_photo(portrait))
    assert [match["verdict"] for match in found["matches"]] == ["photo_reuse"]


def test_keys_without_a_subject_find_nobody(client: TestClient, portrait: bytes) -> None:
    """A fault that `clonecheck index check` finds costs no answer."""
    client.post("/v1/subjects", json={"name": "Jane Doe", "photo": as_photo(portrait)})
    with cast("Any", client.app).state.db.write() as session:
        session.execute(delete(SubjectPhotoRow))
        session.execute(delete(SubjectRow))
    told = check(client, handle="adaezebrandvold", display_name="Adaeze Brandvold", avatar=as_photo(portrait))
    assert (told["matches"], told["compared"]) == ([], 0)


def test_all_stored_people_together_are_copied_no_more_often_than_is_said() -> None:
    settings = Settings(prior_bits=-17, check_prior_bits=-7)
    for subjects in (0, 1, 2, 1_000, 1_024, 1_025, 100_000, 10_000_000):
        each = 2.0 ** share_prior(settings, subjects)
        assert each <= 2.0**-17
        assert each * subjects <= 2.0**-7 * (1 + 1e-9)
    assert share_prior(settings, 1_000) == -17
    assert share_prior(settings, 1 << 20) == -27


def test_a_prior_for_all_is_shared_among_those_stored(tmp_path: Path, accounts: list[Json], portrait: bytes) -> None:
    people = [SUBJECT | {"photo": as_photo(portrait)}, *({"name": f"{name} Quist"} for name in GIVEN_NAMES[:7])]
    with connect(Settings(data_dir=tmp_path, check_prior_bits=-20)) as client:
        assert client.post("/v1/subjects", json=people).json()["inserted"] == 8
        [match] = check(client, **accounts[0])["matches"]
    assert match["prior_bits"] == -23
