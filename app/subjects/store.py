"""Subjects in the tables: add, find, list, change, erase; their keys are kept in step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import cast

from sqlalchemy import ColumnElement, Table, delete, insert, select
from sqlalchemy.orm import Session

from app.accounts.corpora import lock_corpus, subject_digest, suppress
from app.accounts.dialects import one_of
from app.accounts.key_store import add_keys, bound_keys, read_keys, remove_keys
from app.accounts.key_tables import KeyTables
from app.accounts.scope import Scope
from app.problems import ConflictError, NotFoundError
from app.storage import new_id, utc_now
from app.subjects.models import SubjectKeyCountRow, SubjectKeyRow, SubjectPhotoRow, SubjectRow
from app.subjects.rows import PHOTO_FIELDS, Draft, photo_from
from matchers.profile import Photo

SUBJECT_INDEX = KeyTables(
    cast("Table", SubjectKeyRow.__table__), "subject", cast("Table", SubjectKeyCountRow.__table__), "subjects"
)
# Keys kept of one subject. One at all limits of what is taken (ten names, twenty handles, a hundred own accounts, five
# photos) has some 4,600; a lower bound would lose keys of an honest subject.
MAX_KEYS = 5_000
_SUBJECTS = cast("Table", SubjectRow.__table__)
_PHOTOS = cast("Table", SubjectPhotoRow.__table__)


def owned(scope: Scope) -> ColumnElement[bool]:
    """The condition that a subject belongs to a tenant's corpus."""
    return scope.owns(SubjectRow)


def add_subjects(session: Session, scope: Scope, drafts: Sequence[Draft]) -> list[tuple[str, bool]]:
    """Store subjects; answers the public id of each, and whether it is new (False: the same one was there)."""
    corpus = lock_corpus(session, scope)
    known = _find_same(session, scope, [draft.columns["content_key"] for draft in drafts])
    fresh: dict[str, Draft] = {}
    found: list[tuple[str, bool]] = []
    for draft in drafts:
        content = draft.columns["content_key"]
        is_new = content not in known
        if is_new:
            known[content] = new_id()
            fresh[known[content]] = draft
        found.append((known[content], is_new))
    _insert(session, scope, fresh)
    corpus.subjects += len(fresh)
    return found


def _find_same(session: Session, scope: Scope, contents: Sequence[str]) -> dict[str, str]:
    query = select(SubjectRow.content_key, SubjectRow.public_id).where(
        owned(scope), one_of(session, SubjectRow.content_key, contents)
    )
    return {row.content_key: row.public_id for row in session.execute(query)}


def _insert(session: Session, scope: Scope, fresh: dict[str, Draft]) -> None:
    if not fresh:
        return
    now = utc_now()
    shared = {"tenant_id": scope.tenant, "corpus": scope.corpus, "created_at": now, "updated_at": now}
    rows = [{"public_id": public_id, **shared, **draft.columns} for public_id, draft in fresh.items()]
    stored = session.execute(insert(_SUBJECTS).returning(_SUBJECTS.c.id, _SUBJECTS.c.public_id), rows)
    placed = [(row_id, fresh[public_id]) for row_id, public_id in stored]
    _add_photos(session, placed)
    pairs = [(key, row_id) for row_id, draft in placed for key in bound_keys(draft.keys, MAX_KEYS)]
    add_keys(session, pairs, SUBJECT_INDEX)


def _add_photos(session: Session, placed: Sequence[tuple[int, Draft]]) -> None:
    rows = [
        {"subject": row_id, "position": position, **photo}
        for row_id, draft in placed
        for position, photo in enumerate(draft.photos)
    ]
    if rows:
        session.execute(insert(_PHOTOS), rows)


def find_subject(session: Session, scope: Scope, public_id: str) -> SubjectRow:
    """The subject with a public id; raises `NotFoundError`."""
    found = session.scalar(select(SubjectRow).where(owned(scope), SubjectRow.public_id == public_id))
    if found is None:
        raise NotFoundError("No such subject; it may have been erased.")
    return found


def lock_subject(session: Session, scope: Scope, public_id: str) -> SubjectRow:
    """The same for writing, as the last writer left it: others of the corpus wait; raises `NotFoundError`."""
    lock_corpus(session, scope)
    return find_subject(session, scope, public_id)


def list_subjects(session: Session, scope: Scope, limit: int, after: int | None) -> list[SubjectRow]:
    """Subjects, the newest first, behind the row id `after`."""
    query = select(SubjectRow).where(owned(scope)).order_by(SubjectRow.id.desc()).limit(limit)
    if after is not None:
        query = query.where(SubjectRow.id < after)
    return list(session.scalars(query))


def read_photos(session: Session, ids: Sequence[int]) -> dict[int, dict[int, Photo]]:
    """The photos of subjects, by row id and position, in their order; without those of another scheme."""
    columns = [_PHOTOS.c[name] for name in PHOTO_FIELDS]
    query = select(_PHOTOS.c.subject, _PHOTOS.c.position, *columns).where(one_of(session, _PHOTOS.c.subject, ids))
    photos: dict[int, dict[int, Photo]] = {row: {} for row in ids}
    for row in session.execute(query.order_by(_PHOTOS.c.subject, _PHOTOS.c.position)):
        photo = photo_from(row[2:])
        if photo is not None:
            photos[row[0]][row[1]] = photo
    return photos


def count_photos(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """How many photos each subject has, for those that have any."""
    return Counter(session.scalars(select(_PHOTOS.c.subject).where(one_of(session, _PHOTOS.c.subject, ids))))


def change_subject(session: Session, scope: Scope, row: SubjectRow, draft: Draft) -> None:
    """Put a draft in the place of what is stored of a subject; raises `ConflictError` where another one is the same."""
    lock_corpus(session, scope)
    same = _find_same(session, scope, [draft.columns["content_key"]])
    if same.get(draft.columns["content_key"], row.public_id) != row.public_id:
        raise ConflictError("Another stored subject is exactly the same; erase one of them.", slug="subject_exists")
    for name, value in draft.columns.items():
        setattr(row, name, value)
    row.updated_at = utc_now()
    session.execute(delete(_PHOTOS).where(_PHOTOS.c.subject == row.id))
    _add_photos(session, [(row.id, draft)])
    old = set(read_keys(session, [row.id], SUBJECT_INDEX))
    new = {(key, row.id) for key in bound_keys(draft.keys, MAX_KEYS)}
    remove_keys(session, old - new, SUBJECT_INDEX)
    add_keys(session, new - old, SUBJECT_INDEX)


def erase_subject(session: Session, scope: Scope, row: SubjectRow) -> None:
    """Erase a subject with its photos' hashes and its keys; that it was erased is remembered by a keyed hash alone."""
    corpus = lock_corpus(session, scope)
    suppress(session, scope, [subject_digest(corpus.secret, row.public_id)])
    remove_keys(session, read_keys(session, [row.id], SUBJECT_INDEX), SUBJECT_INDEX)
    session.execute(delete(_PHOTOS).where(_PHOTOS.c.subject == row.id))
    session.execute(delete(_SUBJECTS).where(_SUBJECTS.c.id == row.id))
    corpus.subjects -= 1
