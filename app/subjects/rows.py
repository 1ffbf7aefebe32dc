"""Between the tables and what is compared or answered: a subject to columns, columns to a subject and to the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from json import dumps
from typing import Any

from app.accounts.rows import VIEW_BYTES, pack_views, unpack_views
from app.photos.matching import pack_hashes, unpack_hashes
from app.photos.schemas import photo_to_wire
from app.subjects.schemas import SubjectIn
from matchers.photo_exchange import pdq_usable
from matchers.photo_scheme import SCHEME
from matchers.profile import AccountRef, Handle, Photo, Subject
from matchers.subject_keys import SUBJECT_KEY_VERSION, stored_hashes, subject_keys

Columns = dict[str, Any]
PHOTO_FIELDS = ("scheme", "gate", "side", "phash", "pdq", "pdq_quality", "views", "probes")
SUBJECT_FIELDS = ("names", "handles", "bio", "links", "languages", "own_accounts", "absent_from")


@dataclass(frozen=True, slots=True)
class Draft:
    """A subject ready to be stored: the columns of its row and of its photos' rows, and its keys."""

    columns: Columns
    photos: tuple[Columns, ...]
    keys: frozenset[int]


def draft_subject(subject: Subject, given: SubjectIn, key_space: str) -> Draft:
    """Make what is stored of a subject; `given` is what it was read from, for the addresses of its own accounts."""
    columns: Columns = {
        "names": list(subject.names),
        "handles": [asdict(handle) for handle in subject.handles],
        "bio": subject.bio,
        "links": list(subject.links),
        "languages": list(subject.languages),
        "own_accounts": [
            {"url": url.strip(), **asdict(ref)}
            for url, ref in zip(given.own_accounts, subject.own_accounts, strict=True)
        ],
        "absent_from": sorted(subject.absent_from),
    }
    photos = tuple(_photo_columns(photo) for photo in subject.photos)
    columns["content_key"] = _digest(columns, photos)
    columns["key_version"] = SUBJECT_KEY_VERSION
    return Draft(columns, photos, subject_keys(subject, key_space))


def _digest(columns: Columns, photos: Sequence[Columns]) -> str:
    digest = blake2b(dumps(columns, sort_keys=True).encode(), digest_size=32)
    for photo in photos:
        told = {name: value for name, value in photo.items() if not isinstance(value, bytes)}
        digest.update(dumps(told, sort_keys=True).encode())
        for name in ("views", "probes", "phash", "pdq"):
            digest.update(photo[name] or b"-")
    return digest.hexdigest()


def _photo_columns(photo: Photo) -> Columns:
    # A PDQ of too poor a quality is never compared, so it is not kept.
    pdq = photo.pdq if photo.pdq is not None and pdq_usable(photo) else None
    return {
        "scheme": SCHEME,
        "gate": photo.gate,
        "side": photo.side,
        "phash": None if photo.phash is None else photo.phash.to_bytes(8, "big"),
        "pdq": None if pdq is None else pdq.to_bytes(VIEW_BYTES, "big"),
        "pdq_quality": None if pdq is None else photo.pdq_quality,
        "views": pack_views(photo.views),
        "stored": pack_hashes(stored_hashes(photo)),
        "probes": pack_hashes(photo.probes),
    }


def photo_from(values: Sequence[Any]) -> Photo | None:
    """Make a photo of the values of `PHOTO_FIELDS`; None for hashes of another scheme, which cannot be compared."""
    scheme, gate, side, phash, pdq, quality, views, probes = values
    if scheme != SCHEME:
        return None
    return Photo(
        views=unpack_views(views),
        probes=unpack_hashes(probes),
        gate=gate,
        side=side,
        phash=None if phash is None else int.from_bytes(phash, "big"),
        pdq=None if pdq is None else int.from_bytes(pdq, "big"),
        pdq_quality=quality,
    )


def subject_from(values: Sequence[Any], photos: Sequence[Photo]) -> Subject:
    """Make the subject that is judged of the values of `SUBJECT_FIELDS` and its photos."""
    names, handles, bio, links, languages, own_accounts, absent_from = values
    return Subject(
        names=tuple(names),
        handles=tuple([Handle(one["text"], one["platform"], one["key"]) for one in handles]),
        photos=tuple(photos),
        bio=bio,
        links=tuple(links),
        languages=tuple(languages),
        own_accounts=tuple(
            [AccountRef(one["platform"], one["handle"], one["account_id"], one["handle_key"]) for one in own_accounts]
        ),
        absent_from=frozenset(absent_from),
    )


def subject_to_wire(columns: Mapping[str, Any], photos: Sequence[Photo]) -> Columns:
    """The subject as `SubjectIn` reads it, with hashes in place of pictures; empty fields too."""
    return {
        "names": list(columns["names"]),
        "handles": [{"handle": one["text"], "platform": one["platform"]} for one in columns["handles"]],
        "photos": [{"hashes": photo_to_wire(photo)} for photo in photos],
        "bio": columns["bio"],
        "links": list(columns["links"]),
        "languages": list(columns["languages"]),
        "own_accounts": [one["url"] for one in columns["own_accounts"]],
        "absent_from": list(columns["absent_from"]),
    }
