"""Golden cases are data: every row of verdicts.csv must get the verdict it names."""

from __future__ import annotations

import csv
import io
from functools import lru_cache
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageOps

from app.demo.portraits import draw_portrait
from app.photos.hashing import account_photo, subject_photo
from app.platforms.identity import parse_profile_url
from matchers.model import judge
from matchers.profile import Account, Handle, Photo, Subject

ROWS = list(csv.DictReader((Path(__file__).parent / "verdicts.csv").read_text(encoding="utf-8").splitlines()))


def _reencode(image: Image.Image, side: int, quality: int) -> Image.Image:
    file = io.BytesIO()
    image.resize((side, side)).save(file, "JPEG", quality=quality)
    return Image.open(io.BytesIO(file.getvalue())).convert("RGB")


def _ring(image: Image.Image) -> Image.Image:
    ringed = image.copy()
    ImageDraw.Draw(ringed).ellipse((2, 2, image.width - 3, image.height - 3), outline=(220, 60, 160), width=14)
    return ringed


@lru_cache(maxsize=1)
def _portrait() -> Image.Image:
    return draw_portrait("golden subject")


@lru_cache(maxsize=32)
def _avatar(kind: str) -> Photo | None:
    portrait = _portrait()
    side = portrait.width
    pictures = {
        "reencoded": lambda: _reencode(portrait, 200, 60),
        "mirrored": lambda: _reencode(ImageOps.mirror(portrait), 220, 75),
        "cropped": lambda: _reencode(portrait.crop((18, 18, side - 18, side - 18)), 240, 80),
        "ringed": lambda: _reencode(_ring(portrait), 256, 80),
        "other": lambda: draw_portrait("golden stranger"),
        "default": lambda: Image.new("RGB", (256, 256), (204, 214, 221)),
        "flat": lambda: Image.new("RGB", (256, 256), (120, 60, 200)),
        "tiny": lambda: portrait.resize((16, 16)),
    }
    return account_photo(pictures[kind]()) if kind in pictures else None


def read_row(row: dict[str, str]) -> tuple[Subject, Account]:
    """The two sides of a case."""
    own = parse_profile_url(row["own"]) if row["own"] else None
    subject = Subject(
        names=(row["subject_name"],) if row["subject_name"] else (),
        handles=(Handle(row["subject_handle"], "x"),) if row["subject_handle"] else (),
        photos=(subject_photo(_portrait()),),
        own_accounts=(own,) if own else (),
    )
    account = Account(
        platform=row["candidate_platform"],
        handle=row["candidate_handle"] or None,
        display_name=row["candidate_name"] or None,
        avatar=_avatar(row["photo"]),
        bio=row["bio"] or None,
        labels=tuple(row["labels"].split()) if row["labels"] else (),
    )
    return subject, account


@pytest.mark.parametrize("row", ROWS, ids=[f"{r['category']}: {r['note']}" for r in ROWS])
def test_golden_verdict(row: dict[str, str]) -> None:
    assert judge(*read_row(row)).verdict == row["expected"]
