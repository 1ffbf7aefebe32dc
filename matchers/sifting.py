"""Comparisons that need not be made: where the cheap signals alone show that no suspect can come of it.

A check meets far more subjects than the account copies. Reading their names takes most of the time of judging them, and
neither a name nor a handle says more than its cap, so that the other signals often settle the matter beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass

from matchers.bios import may_disclose
from matchers.calibration import calibrate
from matchers.context import find_labels, find_own
from matchers.handles import CAP as HANDLE_CAP
from matchers.handles import handle_disclosures
from matchers.model import DAMPING, SIGNALS, Signal, probability
from matchers.names import CAP as NAME_CAP
from matchers.names import parse_name
from matchers.profile import Account, Subject
from matchers.world import World

# Asked last, in this order, each as far as it is needed; all others are cheap.
_CAPS = {"handle": HANDLE_CAP, "name": NAME_CAP}
_CHEAP = tuple(signal for signal in SIGNALS if signal.name not in _CAPS)
_BY_NAME = {signal.name: signal for signal in SIGNALS}
# More than the order in which numbers are added can change.
_MARGIN = 1e-6


@dataclass(frozen=True, slots=True)
class Sieve:
    """What is true of one account, whichever subject it is held against.

    `discloses`: it says something for which it might be set aside as a parody or a fan page.
    """

    account: Account
    discloses: bool

    @classmethod
    def of(cls, account: Account) -> Sieve:
        """Read what the account says about itself."""
        said = (
            parse_name(account.display_name or "").disclosures,
            handle_disclosures(account.handle or ""),
            find_labels(account),
            may_disclose(account.bio or ""),
        )
        return cls(account, any(said))

    def passes(self, subject: Subject, world: World, least: float) -> bool:
        """Whether `matchers.model.judge` may call it the subject's own account, a parody, or a copy.

        False only where it is sure that the verdict is neither `own_account` nor `fan_or_parody`, and the probability
        below `least`.
        """
        if self.discloses or find_own(subject, self.account) is not None:
            return True
        known = sum([_weigh(signal, subject, self.account, world) for signal in _CHEAP])
        caps = {"handle": self._cap_handle(), "name": self._cap_name(subject)}
        if not _may_reach(known + sum(caps.values()), world, least):
            return False
        if caps["handle"]:
            known += _weigh(_BY_NAME["handle"], subject, self.account, world)
        return _may_reach(known + caps["name"], world, least)

    def _cap_handle(self) -> float:
        return HANDLE_CAP * _BY_NAME["handle"].weight if self.account.handle else 0.0

    def _cap_name(self, subject: Subject) -> float:
        return NAME_CAP * _BY_NAME["name"].weight if self.account.display_name and subject.names else 0.0


def _weigh(signal: Signal, subject: Subject, account: Account, world: World) -> float:
    """The bits of one signal as `matchers.model.weigh` counts them, or more; 0 where it knows nothing."""
    finding = signal.compare(subject, account, world)
    if finding is None:
        return 0.0
    return finding.bits * signal.weight * DAMPING.get(finding.code, 1.0)


def _may_reach(bits: float, world: World, least: float) -> bool:
    # No evidence at all is 0 bits, which a sum of 0 is not quite.
    return probability(world.prior_bits + max(calibrate(bits + _MARGIN), 0.0) + _MARGIN) >= least
