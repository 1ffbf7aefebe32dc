"""The accounts a scan has found so far: each once, however many sources showed it, judged in the light of all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from app.platforms.catalogue import load_catalogue
from app.scans.intake import fold_account
from app.scans.judging import Decision, Judged, judge_candidates
from app.sources.contract import Candidate
from app.sources.index import INDEX
from app.storage import new_id
from app.subjects.binding import AccountKey
from matchers.pixels import PixelMatch
from matchers.profile import Account, Photo, Subject
from matchers.world import World

_FEDIVERSE = "fediverse"
_Identity = tuple[str, str, str]


@dataclass(eq=False)
class Entry:
    """One account: what is known of it from all sources together, and the comparison as it stands.

    `asked_picture`: its picture was sent for already; `fetched`: and has come.
    """

    id: str
    candidate: Candidate
    sources: tuple[str, ...]
    judged: Judged | None = None
    asked_picture: bool = False
    fetched: bool = False


class Pool:
    """Holds the entries of one scan; used by one thread at a time."""

    def __init__(self, subject: Subject, world: World, decisions: Mapping[AccountKey, Decision]) -> None:
        self._subject = subject
        self._world = world
        self._decisions = decisions
        self._entries: dict[str, Entry] = {}
        self._by_identity: dict[_Identity, Entry] = {}

    @property
    def entries(self) -> Sequence[Entry]:
        """All entries, in the order in which they were found."""
        return tuple(self._entries.values())

    @property
    def judged(self) -> list[Judged]:
        """All comparisons as they stand."""
        return [entry.judged for entry in self._entries.values() if entry.judged is not None]

    def add(self, candidates: Iterable[Candidate]) -> list[Entry]:
        """Take in what a source returned; returns the entries that are new or know more now."""
        touched: dict[str, Entry] = {}
        for candidate in candidates:
            folded = replace(candidate, account=fold_account(candidate.account))
            entry = self._place(folded)
            touched[entry.id] = entry
        return [entry for key, entry in touched.items() if key in self._entries]

    def give_picture(self, entry: Entry, photo: Photo, pixels: PixelMatch | None) -> None:
        """Add what was learnt from a picture that was fetched."""
        account = replace(entry.candidate.account, avatar=photo)
        entry.candidate = replace(entry.candidate, account=account, pixels=pixels)
        entry.fetched = True

    def drop(self, row_ids: Collection[int]) -> None:
        """Forget accounts of the index that no source outside has shown."""
        for entry in self.entries:
            if entry.candidate.row_id in row_ids and entry.sources == (INDEX,):
                del self._entries[entry.id]

    def judge(self, entries: Sequence[Entry]) -> list[Judged]:
        """Judge some entries in the light of all that were found; what a human said of them stands."""
        everyone = [entry.candidate for entry in self._entries.values()]
        chosen = [entry.candidate for entry in entries]
        found = judge_candidates(self._subject, chosen, self._world, self._decisions, everyone)
        for entry, judged in zip(entries, found, strict=True):
            entry.judged = replace(judged, id=entry.id, sources=entry.sources)
        return [entry.judged for entry in entries if entry.judged is not None]

    def _place(self, candidate: Candidate) -> Entry:
        same = {entry.id: entry for key in _identities(candidate.account) if (entry := self._find(key, candidate))}
        if same:
            entry, *others = same.values()
            for other in others:
                self._absorb(entry, other)
            entry.candidate = merge_candidates(entry.candidate, candidate)
            entry.sources = tuple(dict.fromkeys((*entry.sources, candidate.source)))
        else:
            entry = Entry(new_id(), candidate, (candidate.source,))
            self._entries[entry.id] = entry
        for key in _identities(entry.candidate.account):
            self._by_identity[key] = entry
        return entry

    def _find(self, key: _Identity, candidate: Candidate) -> Entry | None:
        """The entry with this identity; a handle alone does not make one of two accounts with different ids."""
        entry = self._by_identity.get(key)
        if entry is None:
            return None
        ids = {entry.candidate.account.account_id, candidate.account.account_id}
        return entry if key[0] == "id" or None in ids or len(ids) == 1 else None

    def _absorb(self, entry: Entry, other: Entry) -> None:
        entry.candidate = merge_candidates(entry.candidate, other.candidate)
        entry.sources = tuple(dict.fromkeys((*entry.sources, *other.sources)))
        del self._entries[other.id]


def _identities(account: Account) -> list[_Identity]:
    """What tells the account apart: its stable id, its handle; an account with neither is like no other."""
    found: list[_Identity] = []
    known = load_catalogue().get(account.platform)
    # Kinds of servers are guessed from their addresses; user@host names one account whatever runs there.
    shared = known is not None and known.facts.federated and "@" in (account.handle_key or "")
    platform = _FEDIVERSE if shared else account.platform
    if account.account_id:
        found.append(("id", account.platform, account.account_id))
    if account.handle_key:
        found.append(("handle", platform, account.handle_key))
    return found


def merge_candidates(first: Candidate, second: Candidate) -> Candidate:
    """One account seen twice: the newer sighting counts, the other fills in what that one did not tell.

    A place in the index is kept. Whoever asks in either place not to be indexed is not.
    """
    newer, older = _by_age(first, second)
    account = replace(newer.account, **_missing(newer.account, older.account))
    return replace(
        newer,
        account=account,
        row_id=newer.row_id if newer.row_id is not None else older.row_id,
        picture=newer.picture or older.picture,
        pixels=newer.pixels or older.pixels,
        may_keep=newer.may_keep and older.may_keep,
    )


def _by_age(first: Candidate, second: Candidate) -> tuple[Candidate, Candidate]:
    if first.observed_at is None or second.observed_at is None or second.observed_at >= first.observed_at:
        return second, first
    return first, second


def _missing(account: Account, other: Account) -> dict[str, Any]:
    empty = (None, (), "")
    names = [field.name for field in fields(account)]
    return {
        name: getattr(other, name)
        for name in names
        if getattr(account, name) in empty and getattr(other, name) not in empty
    }
