"""The blocking keys of accounts as they are imported: made ahead, in any process, and remembered for one batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.accounts.dialects import Pair
from app.accounts.key_store import bound_keys
from app.accounts.observation import Observation
from app.accounts.rows import ACCOUNT_FIELDS, account_from
from app.accounts.scope import Scope
from matchers.keys import account_keys

# The columns that keys are made of.
_CONTENT = ("handle", "display_name", "bio", "links", "avatar_views", "avatar_gate", "avatar_pdq", "avatar_phash")


def make_account_keys(fields: Sequence[Any], key_space: str) -> frozenset[int]:
    """The keys under which an account with these values of `ACCOUNT_FIELDS` is stored."""
    return bound_keys(account_keys(account_from(fields), key_space))


def with_keys(seen: Observation, scope: Scope) -> Observation:
    """An observation with the keys of an account of which no more is known than it tells."""
    return replace(seen, keys=tuple(_make(seen.platform, seen.values, scope)))


class KeyMaker:
    """Makes the keys of accounts and remembers them for one batch.

    `outdated` are stored keys that another version made, looked up ahead.
    """

    def __init__(self, scope: Scope) -> None:
        self.outdated: Sequence[Pair] = ()
        self._scope = scope
        self._made: dict[tuple[object, ...], frozenset[int]] = {}

    def learn(self, batch: Iterable[Observation]) -> None:
        """Take over the keys that observations bring along."""
        for seen in batch:
            if seen.keys is not None:
                self._made[_content(seen.platform, seen.values)] = frozenset(seen.keys)

    def make(self, row: Mapping[str, Any]) -> frozenset[int]:
        """The keys of an account with these columns."""
        content = _content(row["platform"], row)
        keys = self._made.get(content)
        if keys is None:
            keys = self._made[content] = _make(row["platform"], row, self._scope)
        return keys


def _content(platform: str, values: Mapping[str, Any]) -> tuple[object, ...]:
    told = [values.get(name) for name in _CONTENT]
    links = told[3]
    return (platform, *told[:3], repr(links) if links else None, *told[4:])


def _make(platform: str, values: Mapping[str, Any], scope: Scope) -> frozenset[int]:
    return make_account_keys([platform, *(values.get(name) for name in ACCOUNT_FIELDS[1:])], scope.key_space)
