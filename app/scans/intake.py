"""From a request to a job: pictures become hashes here and are dropped; options are checked."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from PIL import Image
from pydantic import ValidationError

from app.photos.exchange import searched_photo
from app.photos.schemas import PhotoIn, photo_to_wire
from app.photos.service import decode_at, read_file, read_subject_photo
from app.platforms.catalogue import load_catalogue
from app.problems import FieldError, InvalidInputError, ProblemError
from app.scans.schemas import ScanIn, ScanOptions
from app.settings import Settings
from app.sources.contract import Budget
from app.subjects.schemas import SubjectIn
from matchers.profile import Account, Photo, Subject

# Longer side in pixels of the copies that are kept for the time of a scan: enough to cut a photo out of a screenshot.
KEPT_SIDE = 640


@dataclass(frozen=True, slots=True)
class Job:
    """Everything a scan needs to run; `request` is what is stored, to go on after a restart.

    `pictures` are small grey copies of the subject's photos, for the time of the scan; they are never stored.
    """

    subject: Subject
    sources: tuple[str, ...]
    limit: int
    min_probability: float
    budget: Budget
    request: dict[str, Any]
    request_hash: str
    timings: dict[str, float] = field(default_factory=dict)
    pictures: list[Image.Image] = field(default_factory=list, repr=False)
    resumed: bool = False


def read_request(scan: ScanIn, settings: Settings, known_sources: Collection[str]) -> Job:
    """Turn a checked request into a job; raises `InvalidInputError` and what `app.photos` raises."""
    if scan.subject is None:
        raise InvalidInputError(
            "Stored subjects are not available yet; give the subject in the request.",
            slug="subject_id_not_enabled",
            errors=[FieldError("/subject_id", "give subject instead")],
        )
    options = ScanOptions.model_validate(scan.model_dump(include=set(ScanOptions.model_fields)))
    _refuse_unknown(options.sources, known_sources)
    reader = PhotoReader(settings)
    at = "/subject" if scan.names_subject else ""
    hashed = _hash_photos(scan.subject, at, reader)
    job = _make_job(hashed, options, reader.timings, at)
    job.pictures.extend(reader.pictures)
    return job


def resume_job(request: dict[str, Any]) -> Job:
    """Make the job of a scan that a restart interrupted, from what was stored."""
    subject = SubjectIn.model_validate(request["subject"])
    return replace(_make_job(subject, ScanOptions.model_validate(request["options"]), {}), resumed=True)


def stored_subject(request: dict[str, Any]) -> Subject:
    """The subject of a stored scan. Where today's rules refuse it, as after a change of the catalogue, its names."""
    try:
        return resume_job(request).subject
    except (ProblemError, ValidationError):
        given = request["subject"]
        return Subject(names=tuple(given.get("names") or filter(None, [given.get("name")])))


def fold_account(account: Account) -> Account:
    """Give an account the key by which its platform tells handles apart."""
    if account.handle is None:
        return account
    return replace(account, handle_key=load_catalogue().handle_key(account.platform, account.handle))


def _make_job(subject: SubjectIn, options: ScanOptions, timings: dict[str, float], at: str = "") -> Job:
    stored = subject.model_dump(mode="json", exclude_defaults=True)
    request = {"subject": stored, "options": options.model_dump(mode="json")}
    photos = tuple(photo.hashes.to_photo() for _, photo in subject.given_photos() if photo.hashes is not None)
    return Job(
        subject=subject.with_photos(photos, at),
        sources=tuple(dict.fromkeys(options.sources)),
        limit=options.limit,
        min_probability=options.min_probability,
        budget=Budget(options.budget.calls, options.budget.seconds, options.budget.money),
        request=request,
        request_hash=hashlib.sha256(repr(sorted(request.items())).encode()).hexdigest(),
        timings=timings,
    )


def _refuse_unknown(sources: list[str], known: Collection[str]) -> None:
    errors = [
        FieldError(f"/sources/{i}", f"no source of this name; known are {', '.join(sorted(known))}")
        for i, name in enumerate(sources)
        if name not in known
    ]
    if errors:
        raise InvalidInputError(
            "A source is not known here; see GET /v1/sources.", slug="unknown_source", errors=errors
        )


def _hash_photos(subject: SubjectIn, at: str, reader: PhotoReader) -> SubjectIn:
    hashed = [reader.read(photo, pointer) for pointer, photo in subject.given_photos(at)]
    as_hashes = [PhotoIn.model_validate({"hashes": photo_to_wire(photo)}) for photo in hashed]
    if subject.photo is not None:
        return subject.model_copy(update={"photo": as_hashes[0]})
    return subject.model_copy(update={"photos": as_hashes})


class PhotoReader:
    """Turns a subject's pictures into hashes, noting how long each step took in milliseconds.

    `pictures` holds what else is kept for the time of the scan: a small grey copy of each.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.timings: dict[str, float] = {}
        self.pictures: list[Image.Image] = []

    def read(self, photo: PhotoIn, pointer: str) -> Photo:
        """Read a photo in any of its forms; raises what `app.photos.service` raises."""
        if photo.hashes is not None:
            return read_subject_photo(photo, self._settings, pointer)
        data, where = read_file(photo, self._settings, pointer)
        return self.hash_file(data, where)

    def hash_file(self, data: bytes, pointer: str) -> Photo:
        """Decode and hash a picture file; a refusal (`PhotoRejectedError`) carries the pointer to it in the request."""
        start = time.perf_counter()
        image = decode_at(data, self._settings, pointer)
        decoded = time.perf_counter()
        photo = searched_photo(image)
        image.thumbnail((KEPT_SIDE, KEPT_SIDE), Image.Resampling.BOX)
        self.pictures.append(image)
        self._note("decode", (decoded - start) * 1000)
        self._note("hash", (time.perf_counter() - decoded) * 1000)
        return photo

    def _note(self, step: str, milliseconds: float) -> None:
        self.timings[step] = self.timings.get(step, 0.0) + milliseconds
