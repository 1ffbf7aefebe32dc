"""Signs profiles for Nostr (NIP-01), each with a fresh key. Run by the Python of the servers' venv.

Reads a JSON list of profiles, writes a JSON list of events.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time

from coincurve import PrivateKey  # type: ignore[import-not-found]  # in the servers' venv alone


def sign(content: str, moment: int) -> dict[str, object]:
    """The event of kind 0 that carries a profile."""
    key = PrivateKey()
    # A public key of BIP-340 is the compressed one without its first byte.
    owner = key.public_key.format(compressed=True)[1:].hex()
    told = json.dumps([0, owner, moment, 0, [], content], ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(told.encode()).digest()
    event = {"id": digest.hex(), "pubkey": owner, "created_at": moment, "kind": 0, "tags": [], "content": content}
    return event | {"sig": key.sign_schnorr(digest).hex()}


if __name__ == "__main__":
    profiles = json.load(sys.stdin)
    made = [sign(json.dumps(profile, ensure_ascii=False), int(time.time())) for profile in profiles]
    json.dump(made, sys.stdout)
