"""Sites that are asked one by one whether they have an account of a user name, by our own rules (`probes.yaml`).

An account with the same user name is no evidence of anything; it is only compared. Each run tries a site's rule first,
with a user name that is taken for certain and one that is not: a rule that misjudges either is not used.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Sequence

from app.net.errors import BadReplyError, BudgetSpentError, NetError, RateLimitedError, StoppedError
from app.settings import Settings
from app.sources.contract import Answer, Asker, Remote, Sighting, SourceInfo
from app.sources.one_way import LookupOnly
from app.sources.probe_rules import MisnamedError, Rule, load_rules

# As many user names as one site is asked for in a scan.
MAX_PER_SITE = 40
# Calls that the trial of a rule takes.
TRIAL_CALLS = 2
# What a site must be allowed at least: the trial, its robots.txt and one user name.
MIN_CALLS = 4
# After as many replies in a row that say nothing, a site is left alone.
MAX_SILENT = 3
RANDOM_LETTERS = 14


def connect(settings: Settings) -> Remote:
    """Describe the probes and list the sites that are not switched off."""
    rules = [rule for rule in load_rules() if rule.platform not in settings.probes_off]
    titles = ", ".join(rule.name for rule in rules)
    info = SourceInfo(
        name="probes",
        title="User names on further sites",
        sees=f"Accounts with exactly your user name or one much like it on {titles}",
        cannot_see="Accounts under any other user name; what a site shows to signed-in visitors only",
        leaves_machine=True,
        ready=bool(rules),
        not_ready=None if rules else "All sites are switched off (CLONECHECK_PROBES_OFF)",
        settings=("probes_off",),
        searches=False,
        lookup_size=MAX_PER_SITE,
        known_handle="max",
    )
    return Remote(info, tuple(Probe(rule, at, len(rules)) for at, rule in enumerate(rules)))


class Probe(LookupOnly):
    """One site, the one at `at` among so many `sites` that share the calls of a scan."""

    def __init__(self, rule: Rule, at: int = 0, sites: int = 1) -> None:
        self._rule = rule
        self._at = at
        self._sites = sites

    @property
    def place(self) -> str:
        """The site's name."""
        return self._rule.name

    def lookup(self, handles: Sequence[str], ask: Asker) -> Answer:
        """The accounts that have these user names, asked after a trial of the rule."""
        spelt = tuple(dict.fromkeys(filter(None, map(self._rule.spell, handles))))
        if not spelt:
            return Answer()
        share = self._share(ask.ledger.budget.calls)
        if share < 1:
            return Answer(status="skipped", detail="The site was not asked within the budget")
        asked = spelt[:share]
        if self._rule.robots and not ask.may_visit(self._rule.address(asked[0])[0]):
            return Answer(status="unknown", detail="The site asks programs to stay away")
        if not self._can_be_trusted(ask):
            return Answer(
                status="unknown", detail="In a trial the site did not answer as it should, so it was not asked"
            )
        return self._look_all(asked, len(spelt) - len(asked), ask)

    def _share(self, calls: int) -> int:
        """How many user names this site may be asked for. Where calls are few, the first sites get them."""
        sites = min(self._sites, calls // MIN_CALLS)
        return calls // sites - TRIAL_CALLS - self._rule.robots if self._at < sites else 0

    def _can_be_trusted(self, ask: Asker) -> bool:
        """Whether the rule finds the account that is there, and none where there is none; raises what goes wrong."""
        nobody = "".join(secrets.choice(string.ascii_lowercase) for _ in range(RANDOM_LETTERS))
        try:
            return self._look(self._rule.known, ask) is not None and self._look(nobody, ask) is None
        except MisnamedError:
            return False

    def _look_all(self, handles: Sequence[str], left_out: int, ask: Asker) -> Answer:
        found: list[Sighting] = []
        silent = unsure = 0
        for at, handle in enumerate(handles):
            try:
                sighting = self._look(handle, ask)
            except RateLimitedError as error:
                return Answer(tuple(found), "rate_limited", error.detail, retry_at=error.retry_at)
            except (BudgetSpentError, StoppedError) as error:
                return Answer(tuple(found), "partial", error.detail)
            except NetError:
                silent, unsure = silent + 1, unsure + 1
                if silent >= MAX_SILENT:
                    unsure += len(handles) - at - 1
                    break
            else:
                silent = 0
                found += [sighting] if sighting else []
        notes = [f"{unsure} user names could not be checked"] if unsure else []
        notes += [f"{left_out} similar user names were not asked for within the budget"] if left_out else []
        return Answer(tuple(found), "partial" if notes else "ok", ". ".join(notes) or None)

    def _look(self, handle: str, ask: Asker) -> Sighting | None:
        url, params = self._rule.address(handle)
        reply = ask.get(url, params)
        try:
            return self._rule.read(reply, handle)
        except RecursionError:
            raise BadReplyError from None
