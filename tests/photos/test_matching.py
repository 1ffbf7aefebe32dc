"""Many avatars at once: the nearest pairs are those that are found one by one."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from PIL import ImageOps

from app.photos.hashing import account_photo, subject_photo
from app.photos.matching import LEAST, match_photos, match_subjects, pack_hashes, unpack_hashes
from matchers.photos import compare_photos, match_key, nearest
from matchers.profile import Account, Photo, Subject
from matchers.world import DEFAULT_WORLD, World
from tests.photos.pictures import draw_scene

SCENE = draw_scene(1)
SUBJECT = Subject(photos=(subject_photo(SCENE), subject_photo(draw_scene(2))))


def _random(number: int) -> Photo:
    rng = random.Random(number)  # noqa: S311  # a fixed series is wanted
    return Photo(
        {name: rng.getrandbits(256) for name in ("whole", "center", "core", "top")[: 1 + number % 4]}, side=300
    )


AVATARS = [
    *(account_photo(draw_scene(number)) for number in range(1, 20)),
    account_photo(ImageOps.mirror(SCENE)),
    account_photo(SCENE.crop((30, 30, 230, 230))),
    account_photo(SCENE.resize((300, 100))),
    *(_random(number) for number in range(200)),
]


def test_the_answers_are_those_of_one_pair() -> None:
    found = match_photos(SUBJECT, AVATARS)
    assert len(found) == len({match_key(avatar) for avatar in AVATARS})
    for avatar in AVATARS:
        for photo, match in zip(SUBJECT.photos, found[match_key(avatar)], strict=True):
            assert match == nearest(photo.probes, avatar)
        account, world = Account("x", avatar=avatar), World(photo_matches=found)
        assert compare_photos(SUBJECT, account, world) == compare_photos(SUBJECT, account, DEFAULT_WORLD)


@pytest.mark.parametrize(
    ("subject", "avatars"),
    [
        (SUBJECT, AVATARS[: LEAST - 1]),
        (SUBJECT, []),
        (Subject(names=("Jane Doe",)), AVATARS),
        (Subject(photos=(replace(SUBJECT.photos[0], probes=(1, 2)),)), AVATARS),
        (SUBJECT, [Photo()] * 20),
    ],
    ids=["few", "none", "no photo", "other probes", "no views"],
)
def test_where_arrays_do_not_help_nothing_is_computed(subject: Subject, avatars: list[Photo]) -> None:
    assert match_photos(subject, avatars) == {}


def test_many_photos_and_one_avatar_give_the_same_answers() -> None:
    photos = [*SUBJECT.photos, *(subject_photo(draw_scene(number)) for number in range(3, 8))]
    photos.append(replace(photos[0], probes=photos[0].probes[:7]))
    packed = [pack_hashes(photo.probes) for photo in photos]
    for avatar in AVATARS[:60]:
        assert match_subjects(packed, avatar) == [nearest(photo.probes, avatar) for photo in photos]
    assert match_subjects([], AVATARS[0]) == []


def test_hashes_are_unpacked_as_they_were_packed() -> None:
    assert unpack_hashes(pack_hashes(SUBJECT.photos[0].probes)) == SUBJECT.photos[0].probes
