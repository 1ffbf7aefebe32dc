"""The key with which an installation signs its evidence bundles: Ed25519 (RFC 8032), in the data folder.

A fingerprint is the SHA-256 of the public key as DER (SubjectPublicKeyInfo, RFC 8410), in hexadecimal, so that
`openssl pkey -pubin -in public-key.pem -outform DER | sha256sum` gives the same.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from app.problems import InvalidInputError, UnavailableError
from app.reports.evidence.files import write_new
from app.settings import Settings

KEY_FILE = "evidence-key.pem"
SIGNATURE_BYTES = 64
_MAX_PEM = 1_000
_FINGERPRINT = re.compile(r"^[0-9a-f]{64}$")


class SigningKey:
    """The private key of this installation."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public_pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        self.fingerprint = fingerprint_of(private.public_key())

    @classmethod
    def of(cls, settings: Settings) -> SigningKey:
        """The key in the data folder, made at first use with mode 0600; raises `UnavailableError` for a bad file.

        Two processes that need it at once come by the same key.
        """
        path = settings.data_dir / KEY_FILE
        if not path.exists():
            _make(path)
        try:
            private = load_pem_private_key(path.read_bytes(), password=None)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as fault:
            raise UnavailableError(f"The signing key {KEY_FILE} in the data folder cannot be read.") from fault
        if not isinstance(private, Ed25519PrivateKey):
            raise UnavailableError(f"The signing key {KEY_FILE} in the data folder is no Ed25519 key.")
        return cls(private)

    def sign(self, message: bytes) -> bytes:
        """Sign a message: 64 bytes."""
        return self._private.sign(message)


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    # Another process may have been quicker; its key is the one then.
    with suppress(FileExistsError):
        write_new(path, pem)


def read_public_key(pem: bytes) -> Ed25519PublicKey:
    """Read a public key that somebody sent; raises `ValueError`."""
    if len(pem) > _MAX_PEM:
        raise ValueError("too long for a public key")
    try:
        public = load_pem_public_key(pem)
    except (UnsupportedAlgorithm, TypeError) as fault:
        raise ValueError("no public key") from fault
    if not isinstance(public, Ed25519PublicKey):
        raise ValueError("no Ed25519 key")
    return public


def fingerprint_of(public: Ed25519PublicKey) -> str:
    """The fingerprint of a public key: 64 hexadecimal digits."""
    return hashlib.sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def read_fingerprint(text: str) -> str:
    """A fingerprint as people write it, with blanks or colons; raises `InvalidInputError`."""
    found = re.sub(r"[\s:]", "", text).lower().removeprefix("sha256")
    if not _FINGERPRINT.match(found):
        raise InvalidInputError("A fingerprint has 64 hexadecimal digits.", slug="no_fingerprint")
    return found


def is_signed(public: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    """Whether the signature of a message is that of this key."""
    try:
        public.verify(signature, message)
    except InvalidSignature:
        return False
    return True
