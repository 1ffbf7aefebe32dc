"""From a judged suspect to the file of a bundle."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app import __version__
from app.photos.copying import copy_picture
from app.photos.hashing import account_photo
from app.photos.schemas import photo_to_wire
from app.photos.service import decode_at
from app.reports.evidence.container import (
    COMPARISON,
    FORMAT,
    MEMBERS,
    PAGE,
    PICTURES,
    PUBLIC_KEY,
    README,
    describe_members,
    seal,
)
from app.reports.evidence.content import Content, photo_distance
from app.reports.evidence.differences import compare_nearest
from app.reports.evidence.keys import SigningKey
from app.reports.evidence.page import render_page
from app.reports.evidence.records import InputsRecord
from app.settings import Settings
from app.storage import utc_now
from matchers.photos import CERTAIN
from matchers.profile import Photo

Side = Literal["subject", "suspect"]
GENERATOR = f"clonecheck {__version__}"

_README = """\
Evidence bundle of clonecheck

report.html      for people: the two profiles side by side; open it in any browser, it prints on one page
comparison.json  for programs: the comparison, and every input needed to judge again
pictures/        pictures that the maker of this bundle chose to include; often none
public-key.pem   the Ed25519 key that signed
manifest.json    size and SHA-256 of all these files
manifest.sig     the signature of manifest.json

Check it, with clonecheck:
  clonecheck verify BUNDLE.zip --key FINGERPRINT
or without, in the unpacked folder:
  openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in manifest.json -sigfile manifest.sig
  openssl pkey -pubin -in public-key.pem -outform DER | sha256sum
  sha256sum report.html comparison.json

The second line prints the fingerprint of the key: compare it with the one that the sender told you in another way.
The signature says who put the bundle together and that nothing was changed since. It does not say that a platform
really showed what is written here. A verdict is a suspicion with its reasons, not proof.
"""


@dataclass(frozen=True, slots=True)
class GivenPicture:
    """A picture that was chosen to be included: the file as it was given, or as it was fetched from `url`."""

    side: Side
    data: bytes
    url: str | None = None


def make_bundle(
    about: Mapping[str, Any],
    inputs: InputsRecord,
    pictures: Sequence[GivenPicture],
    key: SigningKey,
    settings: Settings,
) -> bytes:
    """The file of a bundle; `about` holds the fields of `Content` that a scan knows.

    Raises `app.photos.intake.PhotoRejectedError` for a picture that cannot be read.
    """
    now = utc_now().replace(microsecond=0)
    taken = [_take(picture, inputs, settings, now.isoformat()) for picture in pictures]
    told = {
        "format": FORMAT,
        "created_at": now.isoformat(),
        "generator": GENERATOR,
        **about,
        "distances": measure(inputs),
        "pictures": [record for record, _ in taken],
        "inputs": inputs.model_dump(mode="json", exclude_unset=True),
    }
    content = Content.model_validate(told)
    copies = {str(record["member"]): copy for record, copy in taken}
    found = {
        README: _README.encode(),
        PAGE: render_page(content, copies, key.fingerprint),
        COMPARISON: _json(content.model_dump(mode="json", exclude_unset=True)),
        **copies,
        PUBLIC_KEY: key.public_pem,
    }
    members = {name: found[name] for name in MEMBERS if name in found}
    manifest = {
        "format": FORMAT,
        "created_at": now.isoformat(),
        "generator": GENERATOR,
        "key": key.fingerprint,
        "members": describe_members(members),
    }
    return seal(members, _json(manifest), key)


def measure(inputs: InputsRecord) -> dict[str, Any]:
    """What can be measured between the two profiles."""
    account = inputs.account.to_account()
    subject = inputs.subject.to_subject()
    handles = [handle.text for handle in subject.handles]
    return {
        "photo": photo_distance(subject, account.avatar),
        "name": _text_distance(subject.names, account.display_name),
        "handle": _text_distance(handles, account.handle),
    }


def _text_distance(own: Sequence[str], other: str | None) -> dict[str, Any] | None:
    compared = compare_nearest(own, other)
    if compared is None:
        return None
    return {"subject": compared.own_text, "suspect": other, "edits": compared.edits, "edits_seen": compared.seen}


def _take(picture: GivenPicture, inputs: InputsRecord, settings: Settings, now: str) -> tuple[dict[str, Any], bytes]:
    """What is written down of a picture, and the copy that is included."""
    hashed = account_photo(decode_at(picture.data, settings, f"/{picture.side}_picture"))
    distance = _distance(hashed, _compared(picture.side, inputs))
    record = {
        "side": picture.side,
        "member": PICTURES[picture.side],
        "origin": "fetched" if picture.url else "given",
        "url": picture.url,
        "obtained_at": now,
        "size": len(picture.data),
        "sha256": hashlib.sha256(picture.data).hexdigest(),
        "hashes": photo_to_wire(hashed),
        "distance": distance,
        "compared": None if distance is None else distance <= CERTAIN,
    }
    return record, copy_picture(picture.data, settings)


def _compared(side: Side, inputs: InputsRecord) -> list[Photo]:
    if side == "subject":
        return [photo.to_photo() for photo in inputs.subject.photos]
    return [inputs.account.avatar.to_photo()] if inputs.account.avatar else []


def _distance(hashed: Photo, compared: Sequence[Photo]) -> int | None:
    """How far a picture is from the nearest of those that were compared, as a whole."""
    views = [photo.views["whole"] for photo in compared if "whole" in photo.views]
    return min(((hashed.views["whole"] ^ view).bit_count() for view in views), default=None)


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
