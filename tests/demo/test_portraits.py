"""Drawn portraits stand in for photographs, so they must behave like them; default avatars must not."""

from __future__ import annotations

import itertools
import statistics
from io import BytesIO

import pytest
from PIL import Image

from app.demo.default_avatars import draw_default_avatar
from app.demo.portraits import SIDE, draw_portrait, encode_jpeg, invent_look
from app.photos.hashing import account_photo
from matchers.photo_scheme import GATE


def test_a_seed_draws_the_same_portrait_every_time() -> None:
    assert draw_portrait(7).tobytes() == draw_portrait(7).tobytes()
    assert draw_portrait(7).tobytes() != draw_portrait(8).tobytes()
    assert draw_portrait(7).size == (SIDE, SIDE)


def test_a_face_can_be_drawn_in_another_picture() -> None:
    look = invent_look(1)
    assert draw_portrait(1, look).tobytes() != draw_portrait(2, look).tobytes()


def test_portraits_differ_as_photographs_of_different_people_do() -> None:
    hashes = [account_photo(draw_portrait(seed)).views["whole"] for seed in range(120)]
    distances = [(a ^ b).bit_count() for a, b in itertools.combinations(hashes, 2)]
    assert 110 <= statistics.median(distances) <= 140
    assert min(distances) > 60


def test_portraits_hold_detail_and_re_encoding_leaves_it() -> None:
    for seed in range(60):
        portrait = draw_portrait(seed)
        stored = Image.open(BytesIO(encode_jpeg(portrait, quality=60)))
        assert account_photo(portrait).gate >= 0.25
        assert account_photo(stored).gate >= GATE


@pytest.mark.parametrize("seed", range(40))
def test_default_avatars_stay_below_the_gate(seed: int) -> None:
    assert account_photo(draw_default_avatar(seed, "jd")).gate < GATE
