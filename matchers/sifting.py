"""Comparisons that need not be made: where the cheap signals alone show that no suspect can come of it.

A check meets far more subjects than the account copies, and reading their names takes most of the time of judging them.
What the account's own name and handle can be worth at most often settles the matter beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass

from matchers.bios import may_disclose
from matchers.calibration import calibrate
from matchers.context import find_labels, find_own
from matchers.handles import CAP, bound_handles, handle_disclosures
from matchers.model import DAMPING, SIGNALS, Signal, probability
from matchers.names import bound_names, parse_name
from matchers.profile import Account, Subject
from matchers.world import World

_BY_NAME = {signal.name: signal for signal in SIGNALS}
_HANDLE, _NAME = _BY_NAME["handle"], _BY_NAME["name"]
_CHEAP = tuple(signal for signal in SIGNALS if signal not in (_HANDLE, _NAME))
# What a handle is worth at most, and one that is made of the subject's name.
_MOST_HANDLE = CAP * _HANDLE.weight
_MOST_FROM_NAME = _MOST_HANDLE * DAMPING["handle.from_name"]
# More than the order in which numbers are added can change.
_MARGIN = 1e-6


@dataclass(frozen=True, slots=True)
class Sieve:
    """What is true of one account, whichever subject it is held against.

    `discloses`: it says something for which it might be set aside as a parody or a fan page. `name` is the most that
    its name can be worth, weighed.
    """

    account: Account
    discloses: bool
    name: float

    @classmethod
    def of(cls, account: Account, world: World) -> Sieve:
        """Read what the account says about itself; counts of names are those of `world`."""
        said = (
            parse_name(account.display_name or "").disclosures,
            handle_disclosures(account.handle or ""),
            find_labels(account),
            may_disclose(account.bio or ""),
        )
        return cls(account, any(said), bound_names(account, world) * _NAME.weight)

    def passes(self, subject: Subject, world: World, least: float) -> bool:
        """Whether `matchers.model.judge` may call it the subject's own account, a parody, or a copy.

        False only where it is sure that the verdict is neither `own_account` nor `fan_or_parody`, and the probability
        below `least`. Each step knows more of the account and takes longer; most strangers fall at the second.
        """
        if self.discloses or find_own(subject, self.account) is not None:
            return True
        known = sum([_weigh(signal, subject, self.account, world) for signal in _CHEAP])
        named = self.name if subject.names else 0.0
        if not _may_reach(known + named + self._bound_handle(), world, least):
            return False
        own = bound_handles(subject, self.account) * _HANDLE.weight
        if not _may_reach(known + named + max(own, _MOST_FROM_NAME if subject.names else 0.0), world, least):
            return False
        return _may_reach(known + named + _weigh(_HANDLE, subject, self.account, world), world, least)

    def _bound_handle(self) -> float:
        return _MOST_HANDLE if self.account.handle else 0.0


def _weigh(signal: Signal, subject: Subject, account: Account, world: World) -> float:
    """The bits of one signal as `matchers.model.weigh` counts them, or more; 0 where it knows nothing."""
    finding = signal.compare(subject, account, world)
    if finding is None:
        return 0.0
    return finding.bits * signal.weight * DAMPING.get(finding.code, 1.0)


def _may_reach(bits: float, world: World, least: float) -> bool:
    # No evidence at all is 0 bits, which a sum of 0 is not quite.
    return probability(world.prior_bits + max(calibrate(bits + _MARGIN), 0.0) + _MARGIN) >= least
