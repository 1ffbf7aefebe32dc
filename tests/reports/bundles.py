"""A judged pair and its bundle, made without any scan."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from PIL import ImageOps

from app.demo.portraits import draw_portrait, encode_jpeg
from app.photos.exchange import searched_photo
from app.photos.hashing import account_photo
from app.photos.intake import decode
from app.reports.comparison import comparison_body
from app.reports.evidence.keys import SigningKey
from app.reports.evidence.making import GivenPicture, make_bundle
from app.reports.evidence.records import InputsRecord, subject_record, unshown_record, world_record
from app.settings import Settings
from matchers.profile import Account, AccountRef, Handle, Link, Subject
from matchers.world import World

PORTRAIT = draw_portrait("bundle subject")
OWN_PHOTO = encode_jpeg(PORTRAIT)
COPIED_PHOTO = encode_jpeg(ImageOps.mirror(PORTRAIT), 70)
WORLD = World(today=date(2026, 11, 24), name_counts={"adaeze": 4}, name_total=40_000)


def subject(settings: Settings) -> Subject:
    return Subject(
        names=("Adaeze Brandvold",),
        handles=(Handle("adaezebrandvold", "x", "adaezebrandvold"),),
        photos=(searched_photo(decode(OWN_PHOTO, settings)),),
        own_accounts=(AccountRef("x", "adaezebrandvold", handle_key="adaezebrandvold"),),
        created_at=datetime(2012, 5, 1, tzinfo=UTC),
    )


def account(settings: Settings, **changes: Any) -> Account:
    told: dict[str, Any] = {
        "handle": "adaezebrandvo1d",
        "account_id": "1102",
        "display_name": "Adaeze Brandvoıd",
        "bio": "Ornithologist",
        "avatar": account_photo(decode(COPIED_PHOTO, settings)),
        "created_at": datetime(2026, 11, 2, tzinfo=UTC),
        "followers": 12,
        "links": (Link("https://example.org", verified=False),),
        "handle_key": "adaezebrandvo1d",
    }
    return Account("x", **{**told, **changes})


def inputs(whose: Subject, suspect: Account) -> InputsRecord:
    plain = ("handle", "account_id", "display_name", "bio", "followers")
    shown = {name: getattr(suspect, name) for name in plain if getattr(suspect, name) is not None}
    if suspect.created_at is not None:
        shown["created_at"] = suspect.created_at.isoformat()
    return InputsRecord.model_validate(
        {
            "subject": subject_record(whose),
            "account": {"platform": suspect.platform, **shown, **unshown_record(suspect)},
            "world": world_record(WORLD, suspect),
        }
    )


def about(told: InputsRecord, **changes: Any) -> dict[str, Any]:
    comparison = {**comparison_body(told.judge()), **changes}
    when = "2026-11-24T12:00:00+00:00"
    return {
        "scan": {"id": "scan", "suspect_id": "suspect", "created_at": when, "finished_at": when},
        "sources": ["index"],
        "observed_at": when,
        "profile_url": "https://x.com/adaezebrandvo1d",
        "comparison": comparison,
    }


def make(
    settings: Settings,
    pictures: Sequence[GivenPicture] = (),
    suspect: Mapping[str, Any] | None = None,
    **changes: Any,
) -> bytes:
    """A bundle; `suspect` changes the account, further arguments the recorded comparison."""
    told = inputs(subject(settings), account(settings, **(suspect or {})))
    return make_bundle(about(told, **changes), told, pictures, SigningKey.of(settings), settings)


def small() -> bytes:
    """A picture of few bytes."""
    written = io.BytesIO()
    PORTRAIT.resize((64, 64)).save(written, "PNG")
    return written.getvalue()
