"""From accounts to the subjects worth judging: probe their keys, drop by photo whom a band met by chance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from typing import Any, cast

import numpy as np
from sqlalchemy import Select, Table, bindparam, select
from sqlalchemy.orm import Session

from app.accounts.dialects import Dialect
from app.accounts.probing import KeyProber
from app.accounts.retrieval import CommonBound, Ranked, read_shared
from app.accounts.rows import VIEW_BYTES
from app.accounts.scope import Scope
from app.photos.matching import match_subjects, to_words
from app.subjects.models import SubjectPhotoRow, SubjectRow
from app.subjects.rows import PHOTO_FIELDS, SUBJECT_FIELDS, photo_from, subject_from
from app.subjects.store import SUBJECT_INDEX
from matchers.photo_keys import STORED_VIEWS
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


@dataclass(frozen=True, slots=True)
class _Read:
    """A subject as it was read, with the packed probes of each of its photos."""

    public_id: str
    subject: Subject
    probes: list[bytes]


class SubjectProber(KeyProber):
    """Reads the keys of subjects, and subjects of one corpus, in one session."""

    def __init__(self, session: Session, scope: Scope) -> None:
        super().__init__(session, SUBJECT_INDEX, scope)
        self._statements = _statements(self._dialect)

    def read_stored(self, ids: Collection[int]) -> dict[int, list[bytes]]:
        """By subject the stored hashes of each of its photos."""
        found: defaultdict[int, list[bytes]] = defaultdict(list)
        for subject, stored in self._connection.execute(self._statements.stored, {"ids": self._listed([*ids])}).all():
            found[subject].append(stored)
        return found

    def read_subjects(self, ids: Collection[int]) -> dict[int, _Read]:
        """Load subjects."""
        listed = {"ids": self._listed([*ids])}
        photos: defaultdict[int, list[Photo]] = defaultdict(list)
        probes: defaultdict[int, list[bytes]] = defaultdict(list)
        for row in self._connection.execute(self._statements.photos, listed).all():
            photo = photo_from((*row[1:-1], row[-1][:VIEW_BYTES]))
            if photo is not None:
                photos[row[0]].append(photo)
                probes[row[0]].append(row[-1])
        described = self._connection.execute(self._statements.subjects, {**listed, **self._scope}).all()
        return {row[0]: _Read(row[1], subject_from(row[2:], photos[row[0]]), probes[row[0]]) for row in described}


def find_subjects(session: Session, accounts: Sequence[Account], scope: Scope) -> list[Found]:
    """Retrieve the subjects that each account may copy: `MOST_NAMED` by what it is called, `MOST_ALIKE` by its picture.

    What is read for each is bounded as for `app.accounts.retrieval.find_candidates`, whatever it is called. Accounts
    share the statements, so that some dozens at once cost less than one after the other.
    """
    prober = SubjectProber(session, scope)
    probes = [account_probes(account, scope.key_space) for account in accounts]
    shared = read_shared(prober, [one.texts | one.photos for one in probes], COMMON_BOUND)
    named = [keys.rank(one.texts, MOST_NAMED) for keys, one in zip(shared, probes, strict=True)]
    seen = [keys.rank(one.photos, MAX_SHARING) for keys, one in zip(shared, probes, strict=True)]
    stored = prober.read_stored(wanted) if (wanted := _list_looked_at(accounts, seen)) else {}
    alike = [_keep_alike(stored, one.best, account.avatar) for one, account in zip(seen, accounts, strict=True)]
    best = [list(dict.fromkeys((*near[:MOST_ALIKE], *called.best))) for near, called in zip(alike, named, strict=True)]
    read = prober.read_subjects(ids) if (ids := set(chain.from_iterable(best))) else {}
    return [
        Found(
            _match([read[one] for one in chosen if one in read], account.avatar),
            keys.size,
            called.left_out + looked.left_out + max(0, len(near) - MOST_ALIKE),
        )
        for chosen, account, keys, called, looked, near in zip(best, accounts, shared, named, seen, alike, strict=True)
    ]


def _list_looked_at(accounts: Sequence[Account], seen: Sequence[Ranked]) -> set[int]:
    """Subjects that share a band with a picture that can be compared."""
    looked = (one.best for one, account in zip(seen, accounts, strict=True) if _is_usable(account.avatar))
    return set(chain.from_iterable(looked))


def _is_usable(avatar: Photo | None) -> bool:
    return avatar is not None and photo_usable(avatar)[0]


def _keep_alike(stored: Mapping[int, list[bytes]], ids: Sequence[int], avatar: Photo | None) -> list[int]:
    """Of subjects that share a band of the picture, those whose stored hashes come near it, the nearest first."""
    if not ids or avatar is None or not _is_usable(avatar):
        return list(ids)
    photos = [(one, packed) for one in ids for packed in stored.get(one, ()) if packed]
    if not photos:
        # Keys without a subject, which `clonecheck index check` finds.
        return []
    hashes = np.frombuffer(b"".join([packed for _, packed in photos]), np.uint64).reshape(-1, 4)
    starts = np.cumsum([0, *(len(packed) // VIEW_BYTES for _, packed in photos[:-1])])
    views = to_words([avatar.views[name] for name in STORED_VIEWS if name in avatar.views])
    nearest = np.bitwise_count(hashes[:, None] ^ views[None]).sum(axis=2).min(axis=1)
    distances = np.minimum.reduceat(nearest, starts).tolist()
    alike = sorted((distance, one) for distance, (one, _) in zip(distances, photos, strict=True) if distance <= NEAR)
    return list(dict.fromkeys(row_id for _, row_id in alike))


def _match(read: Sequence[_Read], avatar: Photo | None) -> list[FoundSubject]:
    """Compare the photos of subjects with the account's."""
    packed = [probes for one in read for probes in one.probes]
    if not packed or avatar is None or not avatar.views:
        return [FoundSubject(one.public_id, one.subject, ()) for one in read]
    matched = iter(match_subjects(packed, avatar))
    return [FoundSubject(one.public_id, one.subject, tuple(islice(matched, len(one.probes)))) for one in read]
