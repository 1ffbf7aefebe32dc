"""From an account to the subjects worth judging: probe their keys, drop by photo whom a band met by chance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import numpy as np
from sqlalchemy import Select, Table, bindparam, select
from sqlalchemy.orm import Session

from app.accounts.dialects import Dialect
from app.accounts.probing import KeyProber
from app.accounts.retrieval import CommonBound, read_shared
from app.accounts.rows import VIEW_BYTES
from app.accounts.scope import Scope
from app.photos.matching import match_subjects, to_words
from app.subjects.models import SubjectPhotoRow, SubjectRow
from app.subjects.rows import PHOTO_FIELDS, SUBJECT_FIELDS, photo_from, subject_from
from app.subjects.store import SUBJECT_INDEX
from matchers.photo_keys import STORED_VIEWS
from matchers.photo_scheme import SCHEME
from matchers.photos import Match, photo_usable
from matchers.profile import Account, Photo, Subject
from matchers.subject_keys import account_probes

# Subjects whose photo shares a band with the account's that are looked at more closely; of 100,000 some 200 do by
# chance. Two pictures of which no stored hash is nearer than this many bits are not the same: of development copies
# that share a band .4 % are beyond, of strangers all but .4 %.
MAX_SHARING = 1_000
NEAR = 80

# Subjects judged at most by what the account is called, and by its picture. In an index of 100,000 the person copied is
# among the first six by name and handle for every lookalike, and for 99 in 100 who write the name in disguise beside
# the photo (benchmarks/protected.py); reading a name for the first time takes longer than all else in a check.
MOST_NAMED = 6
MOST_ALIKE = 12
# Who shares nothing rare with the account is no suspect but for a disguise, so that little is read under common keys:
# of two hundred namesakes a dozen would be judged.
COMMON_BOUND = CommonBound(rows=400, cut_keys=0)

_SUBJECTS = cast("Table", SubjectRow.__table__)
_PHOTOS = cast("Table", SubjectPhotoRow.__table__)


@dataclass(frozen=True, slots=True)
class FoundSubject:
    """A subject that shares keys with the account, not yet judged.

    Its photos have their first probe alone: reading all would take longer than judging. `matches` are the nearest pairs
    of all probes with the account's picture, one a photo, for `World.photo_matches`; empty where that has no views.
    """

    public_id: str
    subject: Subject
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Subjects worth judging, of `size` in all; `left_out` share something telling too and are not among them."""

    subjects: list[FoundSubject]
    size: int
    left_out: int


@dataclass(frozen=True, slots=True)
class _Statements:
    subjects: Select[Any]
    photos: Select[Any]
    stored: Select[Any]


@cache
def _statements(dialect: Dialect) -> _Statements:
    described = ("id", "public_id", *SUBJECT_FIELDS)
    hashed = select(*(_PHOTOS.c[name] for name in ("subject", *PHOTO_FIELDS)))
    ids = dialect.one_of_parameter(_PHOTOS.c.subject, "ids")
    return _Statements(
        subjects=select(*(_SUBJECTS.c[name] for name in described)).where(
            dialect.one_of_parameter(_SUBJECTS.c.id, "ids"),
            _SUBJECTS.c.tenant_id == bindparam("tenant"),
            _SUBJECTS.c.corpus == bindparam("corpus"),
        ),
        photos=hashed.where(ids).order_by(_PHOTOS.c.subject, _PHOTOS.c.position),
        stored=select(_PHOTOS.c.subject, _PHOTOS.c.stored).where(ids),
    )


class SubjectProber(KeyProber):
    """Reads the keys of subjects, and subjects of one corpus, in one session."""

    def __init__(self, session: Session, scope: Scope) -> None:
        super().__init__(session, SUBJECT_INDEX, scope)
        self._statements = _statements(self._dialect)

    def read_stored(self, ids: Sequence[int]) -> Sequence[Sequence[Any]]:
        """Rows of a subject's id and the stored hashes of one of its photos."""
        return self._connection.execute(self._statements.stored, {"ids": self._listed(ids)}).all()

    def read_subjects(self, ids: Sequence[int], avatar: Photo | None) -> list[FoundSubject]:
        """Load subjects in the order of `ids`, their photos compared with the account's."""
        listed = {"ids": self._listed(ids)}
        rows = self._connection.execute(self._statements.photos, listed).all()
        seen = [row for row in rows if row[1] == SCHEME]
        matched = match_subjects([row[-1] for row in seen], avatar) if seen and avatar and avatar.views else None
        photos: defaultdict[int, list[Photo]] = defaultdict(list)
        matches: defaultdict[int, list[Match]] = defaultdict(list)
        for at, row in enumerate(seen):
            photo = photo_from((*row[1:-1], row[-1][:VIEW_BYTES]))
            if photo is not None:
                photos[row[0]].append(photo)
            if matched is not None:
                matches[row[0]].append(matched[at])
        described = self._connection.execute(self._statements.subjects, {**listed, **self._scope}).all()
        found = {
            row[0]: FoundSubject(row[1], subject_from(row[2:], photos[row[0]]), tuple(matches[row[0]]))
            for row in described
        }
        return [found[row_id] for row_id in ids if row_id in found]


def find_subjects(session: Session, account: Account, scope: Scope) -> Found:
    """Retrieve the subjects that the account may copy: `MOST_NAMED` by what it is called, `MOST_ALIKE` by its picture.

    What is read is bounded as for `app.accounts.retrieval.find_candidates`, whatever the account is called.
    """
    prober = SubjectProber(session, scope)
    probes = account_probes(account, scope.key_space)
    shared = read_shared(prober, probes.texts | probes.photos, COMMON_BOUND)
    named = shared.rank(probes.texts, MOST_NAMED)
    seen = shared.rank(probes.photos, MAX_SHARING)
    alike = seen.best if account.avatar is None else _keep_alike(prober, seen.best, account.avatar)
    best = list(dict.fromkeys((*alike[:MOST_ALIKE], *named.best)))
    left_out = named.left_out + seen.left_out + max(0, len(alike) - MOST_ALIKE)
    return Found(prober.read_subjects(best, account.avatar) if best else [], shared.size, left_out)


def _keep_alike(prober: SubjectProber, ids: Sequence[int], avatar: Photo) -> list[int]:
    """Of subjects that share a band of the picture, those whose stored hashes come near it, the nearest first."""
    if not ids or not photo_usable(avatar)[0]:
        return list(ids)
    rows = prober.read_stored(ids)
    stored = np.frombuffer(b"".join([row[1] for row in rows]), np.uint64).reshape(-1, 4)
    starts = np.cumsum([0, *(len(row[1]) // 32 for row in rows[:-1])])
    views = to_words([avatar.views[name] for name in STORED_VIEWS if name in avatar.views])
    nearest = np.bitwise_count(stored[:, None] ^ views[None]).sum(axis=2).min(axis=1)
    distances = np.minimum.reduceat(nearest, starts).tolist()
    alike = sorted((distance, row[0]) for distance, row in zip(distances, rows, strict=True) if distance <= NEAR)
    return list(dict.fromkeys(row_id for _, row_id in alike))
