"""Stored subjects as the care of keys sees them (`app.accounts.keyed_rows`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from app.accounts.dialects import one_of
from app.accounts.key_store import bound_keys
from app.accounts.keyed_rows import KeyedRows
from app.photos.matching import pack_hashes
from app.subjects.models import SubjectPhotoRow, SubjectRow
from app.subjects.rows import SUBJECT_FIELDS, subject_from
from app.subjects.store import MAX_KEYS, SUBJECT_INDEX, read_photos
from matchers.profile import Photo, Subject
from matchers.subject_keys import SUBJECT_KEY_VERSION, stored_hashes, subject_keys

# A subject's values, and its photos by their positions.
Content = tuple[tuple[Any, ...], Mapping[int, Photo]]


def _read(session: Session, ids: Sequence[int]) -> dict[int, Content]:
    columns = [getattr(SubjectRow, name) for name in SUBJECT_FIELDS]
    query = select(SubjectRow.id, *columns).where(one_of(session, SubjectRow.id, ids))
    values = {row[0]: tuple(row[1:]) for row in session.execute(query)}
    photos = read_photos(session, list(values))
    return {row: (value, photos[row]) for row, value in values.items()}


def _subject(content: Content) -> Subject:
    values, photos = content
    return subject_from(values, list(photos.values()))


def _make(content: Content, key_space: str) -> frozenset[int]:
    return bound_keys(subject_keys(_subject(content), key_space), MAX_KEYS)


def _renew(session: Session, contents: Mapping[int, Content]) -> None:
    """The hashes by which a photo is found are chosen by the version too."""
    for row, (_, photos) in contents.items():
        for position, photo in photos.items():
            one = (SubjectPhotoRow.subject == row) & (SubjectPhotoRow.position == position)
            session.execute(update(SubjectPhotoRow).where(one).values(stored=pack_hashes(stored_hashes(photo))))


SUBJECTS = KeyedRows(
    "subjects",
    cast("Table", SubjectRow.__table__),
    SUBJECT_INDEX,
    SUBJECT_KEY_VERSION,
    _read,
    _make,
    _renew,
)
