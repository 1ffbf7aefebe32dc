"""Stored subjects on each engine: pages, erasure, and changes that do not undo one another."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from app.problems import ConflictError
from app.storage import Database
from app.subjects.models import SubjectKeyCountRow, SubjectKeyRow, SubjectPhotoRow, SubjectRow
from app.subjects.protected import ProtectedSubjects
from app.subjects.stored_schemas import SubjectPatch
from tests.api.conftest import Json, as_photo, ndjson

SUBJECT: Json = {"name": "Adaeze Brandvold", "handle": "adaezebrandvold", "platform": "x"}


def store(client: TestClient, **fields: object) -> tuple[str, str]:
    """The address of a new subject, and its tag."""
    answer = client.post("/v1/subjects", json=SUBJECT | fields)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"], answer.headers["ETag"]


def change(client: TestClient, url: str, tag: str | None = None, **fields: object) -> tuple[int, str | None]:
    """The status of a change, and the tag that is answered."""
    headers = {} if tag is None else {"If-Match": tag}
    answer = client.patch(url, json=fields, headers=headers)
    if answer.status_code == 412:
        assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.headers.get("ETag")


def test_every_answer_names_the_state_that_it_shows(on_each: TestClient, portrait: bytes) -> None:
    url, stored = store(on_each, photo=as_photo(portrait), own_accounts=["https://x.com/adaezebrandvold"])
    assert on_each.get(url).headers["ETag"] == stored
    assert stored.startswith('"')
    status, changed = change(on_each, url, bio="Ornithologist")
    assert status == 200
    assert on_each.get(url).headers["ETag"] == changed
    assert changed != stored
    # The way back is another state: somebody may have read the one between.
    assert change(on_each, url, bio=None)[1] not in {stored, changed}


def test_a_change_of_what_was_changed_meanwhile_is_refused(on_each: TestClient) -> None:
    url, first = store(on_each)
    status, second = change(on_each, url, first, bio="Ornithologist")
    assert status == 200
    assert change(on_each, url, first, bio="Botanist") == (412, None)
    assert on_each.get(url).json()["bio"] == "Ornithologist"
    assert change(on_each, url, second, bio="Botanist")[0] == 200


@pytest.mark.parametrize(
    ("make", "status"),
    [
        ("{tag}", 200),
        ('"other", {tag}', 200),
        ("*", 200),
        ("W/{tag}", 412),
        ('"other"', 412),
        ("nothing in quotes", 412),
        ("", 412),
    ],
)
def test_how_a_state_may_be_named(client: TestClient, make: str, status: int) -> None:
    url, tag = store(client)
    assert change(client, url, make.format(tag=tag), bio="Botanist")[0] == status


def test_a_header_in_several_lines_is_one_list(client: TestClient) -> None:
    url, tag = store(client)
    lines = [("If-Match", '"other"'), ("If-Match", tag)]
    assert client.patch(url, json={"bio": "Botanist"}, headers=lines).status_code == 200


def test_erasing_too_may_name_the_state(on_each: TestClient) -> None:
    url, first = store(on_each)
    second = change(on_each, url, bio="Ornithologist")[1]
    assert on_each.delete(url, headers={"If-Match": first}).status_code == 412
    assert on_each.get(url).status_code == 200
    assert on_each.delete(url, headers={"If-Match": second or ""}).status_code == 204
    assert change(on_each, url, second, bio="x")[0] == 404


def test_changes_of_two_fields_at_once_both_stay(on_each: TestClient) -> None:
    url, _ = store(on_each)
    fields = {"bio": "Ornithologist", "links": ["https://example.org"], "languages": ["en"], "absent_from": ["tiktok"]}
    answers: list[int] = []

    def patch(name: str) -> None:
        answers.append(change(on_each, url, None, **{name: fields[name]})[0])

    threads = [threading.Thread(target=patch, args=(name,)) for name in fields]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shown = on_each.get(url).json()
    assert answers == [200] * 4
    assert {name: shown[name] for name in fields} == fields


def test_of_changes_that_name_the_same_state_one_is_made(on_each: TestClient) -> None:
    url, tag = store(on_each)
    answers: list[int] = []

    def patch(number: int) -> None:
        answers.append(change(on_each, url, tag, bio=f"Ornithologist {number}")[0])

    threads = [threading.Thread(target=patch, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 412, 412, 412]


def test_a_change_that_others_always_forestall_ends(client: TestClient) -> None:
    url, _ = store(client)
    subjects: ProtectedSubjects = client.app.state.subjects  # type: ignore[attr-defined]

    class Forestalled(SubjectPatch):
        """A change during which somebody else makes one, whenever it is worked out."""

        def apply(self, stored: Json) -> Json:
            assert change(client, url, bio=f"not {stored['bio']}")[0] == 200
            return super().apply(stored)

    with pytest.raises(ConflictError):
        subjects.change(url.rpartition("/")[2], Forestalled(name="Jane Doe"))
    assert client.get(url).json()["names"] == SUBJECT["name"].split("|")


def test_pages_hold_everybody_once_whatever_comes_or_goes(on_each: TestClient) -> None:
    body = ndjson([{"name": f"Jane Number{number} Doe"} for number in range(7)])
    taken = on_each.post("/v1/subjects", content=body, headers={"Content-Type": "application/x-ndjson"}).json()
    ids = [one["id"] for one in taken["subjects"]][::-1]
    first = on_each.get("/v1/subjects", params={"limit": 3}).json()
    assert [item["id"] for item in first["items"]] == ids[:3]
    # One that came meanwhile is newer than the page; one that went is missed by nobody.
    store(on_each)
    assert on_each.delete(f"/v1/subjects/{ids[2]}").status_code == 204
    assert on_each.delete(f"/v1/subjects/{ids[4]}").status_code == 204
    second = on_each.get("/v1/subjects", params={"limit": 3, "cursor": first["next"]}).json()
    assert [item["id"] for item in second["items"]] == [ids[3], ids[5], ids[6]]
    assert second["next"] is None


def test_erasing_leaves_nothing(on_each: TestClient, portrait: bytes) -> None:
    account = {"platform": "x", "handle": "adaezebrandvo1d", "display_name": "Adaeze Brandvold"}
    account["avatar"] = as_photo(portrait)  # type: ignore[assignment]
    url, _ = store(on_each, photo=as_photo(portrait))
    told = on_each.post("/v1/checks", json={"account": account}).json()
    assert [match["subject_id"] for match in told["matches"]] == [url.rpartition("/")[2]]
    assert on_each.delete(url).status_code == 204
    assert on_each.post("/v1/checks", json={"account": account}).json()["compared"] == 0
    database: Database = on_each.app.state.db  # type: ignore[attr-defined]
    with database.read() as session:
        for table in (SubjectRow, SubjectPhotoRow, SubjectKeyRow, SubjectKeyCountRow):
            assert session.scalar(select(func.count()).select_from(table)) == 0, table
