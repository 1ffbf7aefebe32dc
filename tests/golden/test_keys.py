"""Speed changes no key: those of drawn accounts are held by a digest.

Who changes the keys on purpose raises `matchers.keys.KEY_VERSION` and writes the new digest here.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from random import Random

from benchmarks.index_build import to_account
from benchmarks.index_corpus import Corpus
from matchers.keys import KEY_VERSION, account_keys
from matchers.profile import Account, Photo

ACCOUNTS = 2_000


def _draw_foreign(drawn: Random) -> Account:
    """An account of which another system's hashes alone are known."""
    return Account("x", avatar=Photo(pdq=drawn.getrandbits(256), phash=drawn.getrandbits(64)))


def test_no_key_has_changed() -> None:
    drawn = Random(5)  # noqa: S311 - a fixed series is wanted
    accounts = [to_account(each) for each in Corpus(ACCOUNTS, plants=100)]
    accounts += [replace(each, display_name=f"{each.display_name} \U0001d4d9$🔵") for each in accounts[:200]]
    accounts += [_draw_foreign(drawn) for _ in range(50)]
    digest = sha256()
    for account in accounts:
        digest.update(repr(sorted(account_keys(account, "default"))).encode())
    assert (KEY_VERSION, digest.hexdigest()[:32]) == (5, "de78052e317d60c267061e00897cebae")
