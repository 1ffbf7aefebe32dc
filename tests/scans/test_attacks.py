"""What impostors would do with a handle and a photo: tried on the spot, judged as a scan judges, nothing kept."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from app.demo.portraits import draw_portrait, encode_jpeg
from app.photos.alterations import ALTERATIONS, alter_all
from app.photos.intake import PhotoRejectedError
from app.problems import UnavailableError
from app.scans.attacks import OTHER_NAME, AttackService, try_attacks, try_with_pictures
from app.scans.schemas import AttacksOut
from app.settings import Settings
from app.subjects.schemas import SubjectIn

PHOTO = encode_jpeg(ImageOps.colorize(draw_portrait("attacked").convert("L"), "#301808", "#ffe8d8"))
GIVEN = SubjectIn(name="Adaeze Brandvold", handle="adaezebrandvold", platform="x")


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> AttacksOut:
    """All attacks on a person with a name, a handle and a photo."""
    folder = tmp_path_factory.mktemp("attacked")
    done = try_attacks(GIVEN, PHOTO, Settings(data_dir=folder), 10)
    assert not list(folder.iterdir())
    return done


def test_each_lookalike_is_found_and_caught_with_its_main_reason(tried: AttacksOut) -> None:
    handles = [one for one in tried.attacks if one.kind == "handle"]
    assert len(handles) == 10
    assert all(one.found and one.caught and one.imitates == "adaezebrandvold" for one in handles)
    assert all("adaezebrandvold" in (one.reason or "") for one in handles)


def test_the_name_alone_is_not_passed_off_as_caught(tried: AttacksOut) -> None:
    (alone,) = [one for one in tried.attacks if one.kind == "name"]
    assert alone.found
    assert not alone.caught
    assert alone.probability < 0.5
    assert tried.caught < tried.tried == len(tried.attacks)


def test_every_change_of_the_photo_is_tried_twice(tried: AttacksOut) -> None:
    told = [alteration.told for alteration in ALTERATIONS]
    for kind, name in (("copy", "Adaeze Brandvold"), ("photo", OTHER_NAME)):
        same = [one for one in tried.attacks if one.kind == kind]
        assert [one.told for one in same] == told
        assert {one.name for one in same} == {name}
        assert all(one.caught for one in same if one.change != "screenshot")
    # Among writing and a white ground the hashes see another picture: only a name is sure to bring the account up.
    screens = {one.kind: one for one in tried.attacks if one.change == "screenshot"}
    assert screens["copy"].caught
    assert screens["photo"].caught <= screens["photo"].needs_picture
    assert tried.photo is not None
    assert tried.photo.usable


def test_the_odds_are_the_sum_of_the_evidence(tried: AttacksOut, tmp_path: Path) -> None:
    prior = Settings(data_dir=tmp_path).prior_bits
    for one in tried.attacks:
        assert one.bits == pytest.approx(sum(item.bits for item in one.evidence), abs=1e-6)
        assert one.probability == pytest.approx(1 / (1 + 2 ** -(prior + one.bits)), abs=1e-3)


def test_the_changed_photos_come_with_what_was_tried(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    done = try_with_pictures(GIVEN, PHOTO, settings, 2)
    assert done.pictures == {alteration.name: picture for alteration, picture in alter_all(PHOTO, settings)}
    assert {one.change for one in done.body.attacks} == {None, *done.pictures}
    assert try_with_pictures(GIVEN, None, settings, 2).pictures == {}


def test_who_finds_no_turn_is_told_to_come_again(tmp_path: Path) -> None:
    service = AttackService(Settings(data_dir=tmp_path), at_once=0, patience=0.01)
    with pytest.raises(UnavailableError, match="try again in a moment"):
        asyncio.run(service.try_all(GIVEN, None, 2))


def test_a_flat_photo_is_said_to_prove_nothing(tmp_path: Path) -> None:
    flat = encode_jpeg(Image.new("RGB", (300, 300), "teal"))
    done = try_attacks(SubjectIn(name="Adaeze Brandvold"), flat, Settings(data_dir=tmp_path), 5)
    assert done.photo is not None
    assert not done.photo.usable
    assert not any(one.caught for one in done.attacks)
    assert not any(one.found for one in done.attacks if one.kind == "photo")


def test_changed_photos_are_small_pictures_without_metadata(tmp_path: Path) -> None:
    changed = dict(alter_all(PHOTO, Settings(data_dir=tmp_path)))
    assert len(set(changed.values())) == len(ALTERATIONS)
    for data in changed.values():
        with Image.open(io.BytesIO(data)) as image:
            assert max(image.size) <= 200
            assert not image.getexif()
    with pytest.raises(PhotoRejectedError):
        list(alter_all(b"\xff\xd8\xff no picture", Settings(data_dir=tmp_path)))
