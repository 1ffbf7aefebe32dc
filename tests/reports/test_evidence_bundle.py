"""Bundles are judged again to the same score, and nothing in them can be changed, added or taken away unseen."""

from __future__ import annotations

import io
import json
import shutil
import stat
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.problems import InvalidInputError, UnavailableError
from app.reports.evidence import container
from app.reports.evidence.checking import Outcome, check_bundle
from app.reports.evidence.container import MEMBERS, BundleError, describe_members, seal, unseal
from app.reports.evidence.keys import KEY_FILE, SigningKey, read_fingerprint
from app.reports.evidence.making import GivenPicture
from app.settings import Settings
from tests.reports.bundles import COPIED_PHOTO, OWN_PHOTO, make, small

PICTURES = (GivenPicture("subject", OWN_PHOTO), GivenPicture("suspect", COPIED_PHOTO, "https://example.org/a.jpg"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data_dir=tmp_path_factory.mktemp("bundles") / "data")


@pytest.fixture(scope="module")
def bundle(place: Settings) -> bytes:
    return make(place, PICTURES)


def members_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def resealed(place: Settings, members: dict[str, bytes], **manifest: object) -> bytes:
    """A bundle that a holder of the key has made of other members."""
    told = json.loads(members[container.MANIFEST])
    kept = {name: content for name, content in members.items() if not name.startswith("manifest")}
    told |= {"members": describe_members(kept), **manifest}
    return seal(kept, json.dumps(told).encode(), SigningKey.of(place))


def rejected(data: bytes) -> str:
    with pytest.raises(BundleError) as caught:
        check_bundle(data)
    return caught.value.detail


def test_a_bundle_is_judged_to_the_same_score(place: Settings, bundle: bytes) -> None:
    checked = check_bundle(bundle, SigningKey.of(place).fingerprint)
    assert checked.outcome is Outcome.INTACT
    assert checked.content.comparison.verdict == "clone"
    assert checked.again.bits == checked.content.comparison.bits > 40
    assert [(one.side, one.origin, one.compared, one.distance) for one in checked.content.pictures] == [
        ("subject", "given", True, 0),
        ("suspect", "fetched", True, 0),
    ]
    assert tuple(members_of(bundle)) == (*MEMBERS, container.MANIFEST, container.SIGNATURE)


def test_other_programs_read_and_check_it(bundle: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(bundle)) as file:
        assert file.testzip() is None
        file.extractall(tmp_path)
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here")
    sign = "pkeyutl -verify -pubin -inkey public-key.pem -rawin -in manifest.json -sigfile manifest.sig"
    done = subprocess.run(["openssl", *sign.split()], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@settings(max_examples=300)
@given(at=st.integers(0, 1 << 24), bits=st.integers(min_value=1, max_value=255))
def test_any_byte_that_is_changed_is_found(bundle: bytes, at: int, bits: int) -> None:
    changed = bytearray(bundle)
    changed[at % len(changed)] ^= bits
    with pytest.raises(BundleError):
        check_bundle(bytes(changed))


def test_every_byte_of_headers_manifest_and_signature_counts(place: Settings) -> None:
    data = make(place)
    after_members = data.index(b"public-key.pem")
    for at in (*range(120), *range(after_members - 40, len(data))):
        changed = bytearray(data)
        changed[at] ^= 1 << (at % 8)
        with pytest.raises(BundleError):
            unseal(bytes(changed))


@settings(max_examples=50)
@given(cut=st.integers(min_value=0), tail=st.binary(min_size=1, max_size=60))
def test_nothing_is_cut_off_or_added(bundle: bytes, cut: int, tail: bytes) -> None:
    for changed in (bundle[: cut % len(bundle)], bundle + tail, tail + bundle):
        with pytest.raises(BundleError):
            check_bundle(changed)


@pytest.mark.parametrize("name", [*MEMBERS, container.MANIFEST, container.SIGNATURE])
def test_a_changed_member_is_found_however_well_it_is_packed(bundle: bytes, name: str) -> None:
    members = members_of(bundle)
    members[name] = members[name][:-2] + bytes([members[name][-2] ^ 1]) + members[name][-1:]
    rejected(container._write(members))


@pytest.mark.parametrize("name", [*MEMBERS, container.MANIFEST, container.SIGNATURE])
def test_a_missing_member_is_found(bundle: bytes, name: str) -> None:
    members = members_of(bundle)
    del members[name]
    rejected(container._write(members))


def packed(members: dict[str, bytes], change: Callable[[zipfile.ZipFile], None], method: int = 0) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as file:
        for name, content in members.items():
            file.writestr(zipfile.ZipInfo(name), content, method)
        change(file)
    return written.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("report.html", "two members"),
        ("../../etc/cron.d/evil", "no bundle has"),
        ("/etc/passwd", "no bundle has"),
        ("extra.txt", "no bundle has"),
        ("REPORT.HTML", "no bundle has"),
        ("pictures/", "no bundle has"),
    ],
)
def test_strange_members_are_refused(bundle: bytes, name: str, told: str) -> None:
    assert told in rejected(packed(members_of(bundle), lambda file: file.writestr(name, b"x")))


def test_bombs_are_refused_before_anything_is_unpacked(bundle: bytes) -> None:
    members = {**members_of(bundle), "report.html": b"\0" * (200 << 20)}
    bomb = packed(members, lambda _: None, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 1 << 20
    assert "Nothing was unpacked" in rejected(bomb)
    assert "no evidence bundle is that large" in rejected(b"PK\x03\x04" + b"\0" * container.MAX_BUNDLE)


def test_a_bundle_that_was_packed_anew_is_refused(bundle: bytes) -> None:
    assert "packed anew" in rejected(packed(members_of(bundle), lambda _: None))
    commented = packed(members_of(bundle), lambda file: setattr(file, "comment", b"hello"))
    assert "added at its end" in rejected(commented)


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x03\x04", b"%PDF-1.7", b"PK\x05\x06" + b"\0" * 18, b"\0" * 100])
def test_what_is_no_bundle_is_refused(data: bytes) -> None:
    rejected(data)


def test_a_bundle_of_another_key_is_told(place: Settings, bundle: bytes, tmp_path: Path) -> None:
    stranger = Settings(data_dir=tmp_path)
    key = SigningKey.of(stranger)
    forged = resealed(stranger, members_of(bundle) | {container.PUBLIC_KEY: key.public_pem}, key=key.fingerprint)
    assert check_bundle(forged).outcome is Outcome.INTACT
    assert check_bundle(forged, SigningKey.of(place).fingerprint).outcome is Outcome.OTHER_KEY
    # The honest key beside a stranger's signature, and the stranger's key under the honest name.
    rejected(resealed(stranger, members_of(bundle)))
    swapped = members_of(bundle) | {container.PUBLIC_KEY: key.public_pem}
    assert "another key" in rejected(resealed(stranger, swapped))


def test_a_signed_lie_is_judged_again(place: Settings) -> None:
    lie = check_bundle(make(place, probability=0.999, suspect={"display_name": "Kim Lee", "handle": "kimlee"}))
    assert lie.outcome is Outcome.OTHER_RESULT
    assert lie.again.verdict == "photo_reuse"
    assert check_bundle(make(place, verdict="namesake")).outcome is Outcome.OTHER_RESULT


def test_another_model_is_told_with_both_scores(place: Settings) -> None:
    checked = check_bundle(make(place, model="2025.01", bits=12.5))
    assert checked.outcome is Outcome.OTHER_MODEL
    told = checked.to_wire()
    assert (told["recorded"]["model"], told["recorded"]["bits"]) == ("2025.01", 12.5)
    assert told["again"]["bits"] > 40


def test_signed_nonsense_is_refused(place: Settings, bundle: bytes) -> None:
    members = members_of(bundle)
    content = json.loads(members[container.COMPARISON])
    for broken in (
        b"[" * 100_000,
        b'{"format": 1}',
        json.dumps(content | {"unknown": 1}).encode(),
        json.dumps(content | {"format": "clonecheck evidence 2"}).encode(),
        json.dumps(content | {"pictures": []}).encode(),
        json.dumps(content).replace('"prior_bits": -17.0', '"prior_bits": 1e999').encode(),
        json.dumps(content).replace('"prior_bits": -17.0', '"prior_bits": -5000').encode(),
    ):
        rejected(resealed(place, members | {container.COMPARISON: broken}))
    rejected(resealed(place, members, format="clonecheck evidence 2"))
    listed = describe_members({name: members[name] for name in MEMBERS})
    kept = {name: members[name] for name in MEMBERS}
    for wrong in (listed[1:], [*listed, listed[0]], [{**listed[0], "size": 1}, *listed[1:]]):
        manifest = json.loads(members[container.MANIFEST]) | {"members": wrong}
        rejected(seal(kept, json.dumps(manifest).encode(), SigningKey.of(place)))


def test_pictures_that_were_not_compared_are_told(place: Settings) -> None:
    checked = check_bundle(make(place, [GivenPicture("subject", small()), GivenPicture("suspect", OWN_PHOTO)]))
    mine, theirs = checked.content.pictures
    assert mine.compared is True
    # The account wears it mirrored.
    assert theirs.compared is False
    assert theirs.distance is not None
    assert theirs.distance > 40


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    place = Settings(data_dir=tmp_path / "new" / "folder")
    first = SigningKey.of(place)
    file = place.data_dir / KEY_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert SigningKey.of(place).fingerprint == first.fingerprint
    assert [entry.name for entry in place.data_dir.iterdir()] == [KEY_FILE]
    file.write_bytes(b"no key")
    with pytest.raises(UnavailableError):
        SigningKey.of(place)


def test_fingerprints_are_read_as_people_write_them() -> None:
    digits = "0123456789abcdef" * 4
    assert read_fingerprint(f"SHA256:{digits.upper()}") == digits
    assert read_fingerprint(" ".join(digits[at : at + 8] for at in range(0, 64, 8))) == digits
    for wrong in ("", digits[:-1], digits + "0", "x" * 64):
        with pytest.raises(InvalidInputError):
            read_fingerprint(wrong)
