"""Hashes of other systems: computed as they compute them, found again, and refused where PDQ is missing."""

from __future__ import annotations

import imagehash
import numpy as np
import pdqhash
import pytest

from app.photos.exchange import PdqMissingError, add_exchange, exchange_pdq, exchange_phash, searched_photo
from app.photos.hashing import subject_photo
from app.photos.service import hash_picture
from matchers.profile import Photo
from tests.photos.pictures import SETTINGS, draw_scene, save


@pytest.mark.parametrize(
    ("seed", "size"), [(1, (320, 320)), (2, (90, 70)), (3, (900, 700)), (4, (20, 33)), (5, (48, 48))]
)
def test_phash_is_that_of_imagehash(seed: int, size: tuple[int, int]) -> None:
    picture = draw_scene(seed, *size)
    assert f"{exchange_phash(picture):016x}" == str(imagehash.phash(picture))


@pytest.mark.parametrize(("seed", "size", "apart"), [(1, (320, 320), 0), (2, (400, 300), 0), (3, (1500, 1200), 16)])
def test_pdq_is_that_of_pdqhash_most_significant_bit_first(seed: int, size: tuple[int, int], apart: int) -> None:
    picture = draw_scene(seed, *size)
    bits, quality = pdqhash.compute(np.asarray(picture))
    value = int("".join(map(str, bits)), 2)
    found = exchange_pdq(picture)
    assert (found[0] ^ value).bit_count() <= apart
    assert abs(found[1] - quality) <= 3


def test_pdq_of_a_large_file_is_that_of_its_pixels() -> None:
    file = save(draw_scene(6, 1000, 1000), quality=92)
    hashed = hash_picture(file, SETTINGS, ["pdq"])
    assert hashed.photo.pdq is not None
    assert (hashed.photo.pdq ^ exchange_pdq(draw_scene(6, 1000, 1000))[0]).bit_count() <= 6
    assert (hashed.photo.pdq_quality, hashed.photo.phash) == (100, None)


def test_without_the_package_pdq_is_refused_and_a_search_goes_without() -> None:
    picture = draw_scene(1)
    with pytest.raises(PdqMissingError) as caught:
        add_exchange(Photo(), picture, ["pdq"], load=lambda: None)
    document = caught.value.document()
    assert (document["status"], str(document["type"]).rpartition(":")[2]) == (501, "pdq_not_installed")
    assert "leave pdq out" in str(document["detail"])
    assert add_exchange(Photo(), picture, ["phash"], load=lambda: None).phash == exchange_phash(picture)
    photo = searched_photo(picture, load=lambda: None)
    assert (photo.pdq, photo.pdq_quality, photo.phash) == (None, None, exchange_phash(picture))


def test_what_a_search_is_made_with() -> None:
    picture = draw_scene(1)
    photo, plain = searched_photo(picture), subject_photo(picture)
    assert (photo.pdq, photo.pdq_quality) == exchange_pdq(picture)
    assert (photo.views, photo.probes, plain.pdq, plain.phash) == (plain.views, plain.probes, None, None)
