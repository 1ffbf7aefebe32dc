"""The file of a bundle: a ZIP of stored members, a manifest of their sizes and SHA-256, and a signature of that.

There is one way only to write given members down, so that reading can ask for exactly these bytes: nothing can hide
between, before or behind the members, and no byte of the file can change unseen. Members are stored as they are:
nothing is unpacked, so that nothing can swell.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import AwareDatetime, Field, ValidationError

from app.problems import ProblemError
from app.reports.evidence.keys import SIGNATURE_BYTES, SigningKey, fingerprint_of, is_signed, read_public_key
from app.reports.evidence.records import Record

FORMAT = "clonecheck evidence 1"
MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
PUBLIC_KEY = "public-key.pem"
PAGE = "report.html"
COMPARISON = "comparison.json"
README = "README.txt"
PICTURES = {side: f"pictures/{side}.jpg" for side in ("subject", "suspect")}
# In the order in which they stand in the file; the manifest and its signature come last.
MEMBERS = (README, PAGE, COMPARISON, *PICTURES.values(), PUBLIC_KEY)
NEEDED = frozenset({README, PAGE, COMPARISON, PUBLIC_KEY})

MAX_BUNDLE = 16 * 1024 * 1024
_MAX_MANIFEST = 100_000
# A ZIP has no date before this one; the date of a bundle is in its manifest.
_DATE = (1980, 1, 1, 0, 0, 0)
_LOCAL, _END = b"PK\x03\x04", b"PK\x05\x06"
_END_BYTES = 22


class BundleError(ProblemError):
    """422: the file is no evidence bundle, or not as it was signed."""

    status = 422
    slug = "bundle_not_intact"
    title = "The evidence bundle is not intact"


class MemberEntry(Record):
    """One member as the manifest lists it."""

    name: Annotated[str, Field(max_length=100)]
    size: Annotated[int, Field(ge=0, le=MAX_BUNDLE)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Manifest(Record):
    """What the signature covers."""

    format: Annotated[str, Field(max_length=100)]
    created_at: AwareDatetime
    generator: Annotated[str, Field(max_length=100)]
    key: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="Fingerprint of the key that signs.")]
    members: Annotated[list[MemberEntry], Field(max_length=len(MEMBERS))]


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle whose signature and members are as they should be, and the fingerprint of the key that signed it."""

    manifest: Manifest
    members: Mapping[str, bytes]
    fingerprint: str


def describe_members(members: Mapping[str, bytes]) -> list[dict[str, object]]:
    """Name, size and SHA-256 of each member."""
    return [
        {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in members.items()
    ]


def seal(members: Mapping[str, bytes], manifest: bytes, key: SigningKey) -> bytes:
    """The file of a bundle: its members, the manifest that lists them, and the signature."""
    return _write({**members, MANIFEST: manifest, SIGNATURE: key.sign(manifest)})


def _write(members: Mapping[str, bytes]) -> bytes:
    """Write members as a ZIP, after APPNOTE.TXT 6.3: stored, without dates, extra fields or comments."""
    body, directory = io.BytesIO(), io.BytesIO()
    for name, content in members.items():
        path = name.encode("ascii")
        # Version 1.0 needed, no flags, stored, 1 January 1980.
        common = struct.pack(
            "<HHHHHIIIHH", 10, 0, 0, 0, 0x21, zlib.crc32(content), len(content), len(content), len(path), 0
        )
        directory.write(b"PK\x01\x02" + struct.pack("<BB", 20, 3) + common)
        directory.write(struct.pack("<HHHII", 0, 0, 0, 0o100644 << 16, body.tell()) + path)
        body.write(_LOCAL + common + path + content)
    count = len(members)
    listed = directory.getvalue()
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(listed), body.tell(), 0)
    return body.getvalue() + listed + _END + end


def unseal(data: bytes) -> Bundle:
    """Read a bundle that anybody may have sent; raises `BundleError` with the first thing that is wrong with it."""
    members = _read(data)
    manifest_bytes, signature = members.pop(MANIFEST), members.pop(SIGNATURE)
    manifest = _read_manifest(manifest_bytes)
    try:
        public = read_public_key(members[PUBLIC_KEY])
    except ValueError:
        raise BundleError(f"{PUBLIC_KEY} holds no Ed25519 key.") from None
    fingerprint = fingerprint_of(public)
    if len(signature) != SIGNATURE_BYTES or not is_signed(public, signature, manifest_bytes):
        raise BundleError("The signature does not fit the manifest: one of them, or the key, was changed.")
    if manifest.key != fingerprint:
        raise BundleError("The manifest names another key than the one in the bundle.")
    _compare_members(manifest, members)
    return Bundle(manifest, members, fingerprint)


def _read(data: bytes) -> dict[str, bytes]:
    """The members of the file, which must be exactly what `_write` makes of them."""
    _refuse_foreign(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            listed = file.infolist()
            _refuse_strange(listed)
            members = {info.filename: file.read(info) for info in listed}
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error) as fault:
        raise BundleError("The file is damaged: its members cannot be read.") from fault
    except (NotImplementedError, RuntimeError, ValueError, EOFError, OSError) as fault:
        raise BundleError("The file uses features of ZIP that bundles do not have.") from fault
    ordered = [name for name in (*MEMBERS, MANIFEST, SIGNATURE) if name in members]
    if _write({name: members[name] for name in ordered}) != data:
        raise BundleError("The file holds something beside its members, or was packed anew: ask for the original.")
    return members


def _refuse_foreign(data: bytes) -> None:
    if len(data) > MAX_BUNDLE:
        raise BundleError(f"The file has more than {MAX_BUNDLE:,} bytes; no evidence bundle is that large.")
    if not data.startswith(_LOCAL):
        raise BundleError("The file is no evidence bundle: it does not begin as a ZIP does.")
    if data[-_END_BYTES:][:4] != _END:
        raise BundleError("The file is cut off, or something was added at its end.")


def _refuse_strange(listed: list[zipfile.ZipInfo]) -> None:
    names = [info.filename for info in listed]
    known = {*MEMBERS, MANIFEST, SIGNATURE}
    if strange := [name for name in names if name not in known]:
        raise BundleError(f"The file has {len(strange)} members that no bundle has; nothing was unpacked.")
    if len(set(names)) != len(names):
        raise BundleError("The file has two members of the same name.")
    if missing := sorted({*NEEDED, MANIFEST, SIGNATURE} - set(names)):
        raise BundleError(f"The file lacks {missing[0]}: it is no evidence bundle, or not a whole one.")
    if any(info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size for info in listed):
        raise BundleError("The file has compressed members; those of a bundle never are. Nothing was unpacked.")
    if sum(info.file_size for info in listed) > MAX_BUNDLE:
        raise BundleError(f"The members claim more than {MAX_BUNDLE:,} bytes. Nothing was unpacked.")


def _read_manifest(data: bytes) -> Manifest:
    if len(data) > _MAX_MANIFEST:
        raise BundleError("The manifest is too long.")
    try:
        manifest = Manifest.model_validate_json(data)
    except ValidationError:
        raise BundleError("The manifest cannot be read.") from None
    if manifest.format != FORMAT:
        raise BundleError("The bundle is of a format that this version of clonecheck does not know.")
    return manifest


def _compare_members(manifest: Manifest, members: Mapping[str, bytes]) -> None:
    listed = {entry.name: entry for entry in manifest.members}
    if len(listed) != len(manifest.members) or listed.keys() != members.keys():
        raise BundleError("The manifest lists other members than the file has.")
    for name, content in members.items():
        if len(content) != listed[name].size or hashlib.sha256(content).hexdigest() != listed[name].sha256:
            raise BundleError(f"{name} was changed: it is not what the manifest lists.")
