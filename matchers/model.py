"""How a verdict is made.

1. Each signal below compares the subject with the account and finds a number of raw bits, or nothing at all.
2. The model weighs each finding and damps those that share a cause: that is the evidence.
3. What such a sum has meant is read off a curve (matchers/calibration.py); the evidence shares the correction.
4. log2 odds = prior bits + the sum of the evidence; the odds give the probability.
5. The rules in `decide` name the verdict; `find_hinge` says which single piece of evidence it hangs on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from matchers.bios import compare_bios, find_bio_disclosures
from matchers.calibration import calibrate, spread, total
from matchers.context import compare_context, find_labels, find_own
from matchers.deception import OVERRIDES_DISCLOSURE, compare_deception, find_marks
from matchers.evidence import Evidence, Finding
from matchers.handles import compare_handles, handle_disclosures
from matchers.names import compare_names, parse_name
from matchers.photos import compare_photos
from matchers.pixels import PixelMatch, confirm_photo
from matchers.profile import Account, Subject
from matchers.world import DEFAULT_WORLD, World

VERSION = "2026.11"
THRESHOLD = 0.5

Verdict = Literal["clone", "lookalike", "photo_reuse", "namesake", "fan_or_parody", "own_account", "unrelated"]
SUSPECT_VERDICTS: frozenset[Verdict] = frozenset({"clone", "lookalike", "photo_reuse"})
SET_ASIDE_VERDICTS: frozenset[Verdict] = frozenset({"own_account", "fan_or_parody", "namesake"})


@dataclass(frozen=True, slots=True)
class Signal:
    """One way to compare, and how much a raw bit of it weighs in the log odds.

    `beside_resemblance`: counts only where the name or the handle resembles the subject's by itself.
    `confirm` revises the finding where the pixels of both pictures are at hand.
    """

    name: str
    compare: Callable[[Subject, Account, World], Finding | None]
    weight: float
    beside_resemblance: bool = False
    confirm: Callable[[Finding, PixelMatch], Finding] | None = None


# The order matters once: signals that count only beside a resemblance come after the name and the handle.
# Weights: raw bits of names and handles are over-confident, since their parts are not independent
# (benchmarks/fit.py fits them on development people only; docs/decisions/0003-evidence-in-bits.md).
SIGNALS: tuple[Signal, ...] = (
    Signal("name", compare_names, weight=0.43),
    Signal("handle", compare_handles, weight=0.70),
    Signal("deception", compare_deception, weight=0.62, beside_resemblance=True),
    Signal("photo", compare_photos, weight=1.0, confirm=confirm_photo),
    Signal("bio", compare_bios, weight=0.8),
    Signal("context", compare_context, weight=1.0),
)

# A handle built from the name repeats what the name has already said.
DAMPING: dict[str, float] = {"handle.from_name": 0.5}

# What counts as resembling: for disguise to count, in raw bits; for the verdict, in weighed ones.
RESEMBLING_NAME = 8.0
RESEMBLING_HANDLE = 12.0
RESEMBLING_BITS = 5.0
COPIED_PHOTO_CODES = frozenset({"photo.same", "photo.mirrored", "photo.altered"})
# A namesake has these too.
SAYS_NO_MORE = frozenset({"handle.from_name", "context.younger", "context.new"})
# The whole name agrees, allowing for an initial or a title.
WHOLE_NAME_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Hinge:
    """The single piece of evidence without which the verdict would be another one."""

    signal: str
    verdict_without: Verdict


class Comparison(NamedTuple):
    """A subject and an account, side by side. `bits` is the sum of the evidence, `summed` what it was uncalibrated."""

    verdict: Verdict
    probability: float
    bits: float
    prior_bits: float
    evidence: tuple[Evidence, ...]
    hinges_on: Hinge | None = None
    reason: str | None = None
    declares_parody: bool = False
    model: str = VERSION
    summed: float = 0.0

    @property
    def is_suspect(self) -> bool:
        """Whether a scan lists the account as a suspect, where nobody asked for another chance."""
        return self.verdict in SUSPECT_VERDICTS and self.probability >= THRESHOLD


@dataclass(frozen=True, slots=True)
class Facts:
    """What the verdict rules look at, besides the evidence."""

    own: str | None
    disclosed_openly: bool
    disclosed_in_bio: bool
    disguised: bool


def judge(
    subject: Subject, account: Account, world: World = DEFAULT_WORLD, pixels: PixelMatch | None = None
) -> Comparison:
    """Compare one account with the subject; `pixels` where both pictures themselves were at hand."""
    evidence = weigh(find(subject, account, world, pixels))
    if _is_strange(evidence, world.prior_bits) and not find_own(subject, account):
        return _dismiss(evidence, world.prior_bits)
    facts = look(subject, account, evidence)
    verdict = decide(evidence, facts, world.prior_bits)
    bits = total(evidence)
    return Comparison(
        verdict=verdict,
        probability=probability(world.prior_bits + bits),
        bits=bits,
        prior_bits=world.prior_bits,
        evidence=spread(evidence, bits),
        hinges_on=find_hinge(evidence, facts, world.prior_bits, verdict),
        reason=explain(verdict, facts, evidence),
        declares_parody=(facts.disclosed_openly or facts.disclosed_in_bio) and verdict in SUSPECT_VERDICTS,
        summed=sum(e.bits for e in evidence),
    )


def _dismiss(evidence: Sequence[Evidence], prior_bits: float) -> Comparison:
    """What is said of a stranger, as most accounts are: what the rules would find, without asking them."""
    summed = sum([e.bits for e in evidence])
    bits = calibrate(summed) if evidence else 0.0
    return Comparison(
        "unrelated", probability(prior_bits + bits), bits, prior_bits, spread(evidence, bits), summed=summed
    )


def find(
    subject: Subject, account: Account, world: World, pixels: PixelMatch | None = None
) -> list[tuple[Signal, Finding]]:
    """Ask the signals in their order; one that knows nothing, or has no say here, is left out."""
    found: list[tuple[Signal, Finding]] = []
    resembles = False
    for signal in SIGNALS:
        if signal.beside_resemblance and not resembles:
            continue
        finding = signal.compare(subject, account, world)
        if finding is None:
            continue
        if pixels is not None and signal.confirm is not None:
            finding = signal.confirm(finding, pixels)
        found.append((signal, finding))
        resembles = resembles or _resembles(signal.name, finding)
    return found


def weigh(findings: Sequence[tuple[Signal, Finding]]) -> tuple[Evidence, ...]:
    """Turn raw findings into evidence, the strongest first."""
    weighed = [
        (finding.bits * signal.weight * DAMPING.get(finding.code, 1.0), signal.name, finding)
        for signal, finding in findings
    ]
    weighed.sort(key=_by_strength)
    return tuple(
        [Evidence(name, found.code, bits, found.summary, found.spans, found.params) for bits, name, found in weighed]
    )


def _by_strength(weighed: tuple[float, str, Finding]) -> float:
    return -abs(weighed[0])


def _resembles(signal: str, finding: Finding) -> bool:
    return (signal == "name" and finding.bits > RESEMBLING_NAME) or (
        signal == "handle" and finding.bits > RESEMBLING_HANDLE
    )


def probability(log2_odds: float) -> float:
    """Turn log2 odds into a probability."""
    bounded = max(-60.0, min(60.0, log2_odds))
    return float(1.0 / (1.0 + 2.0**-bounded))


def look(subject: Subject, account: Account, evidence: Sequence[Evidence]) -> Facts:
    """Collect what the account says about itself and what the subject said about it.

    What a stranger says about himself decides nothing, so it is not read.
    """
    own = find_own(subject, account)
    if own or not any(_matters(e) for e in evidence):
        return Facts(own=own, disclosed_openly=False, disclosed_in_bio=False, disguised=False)
    return Facts(
        own=own,
        disclosed_openly=bool(_worn_disclosures(subject, account) or find_labels(account)),
        disclosed_in_bio=bool(find_bio_disclosures(subject, account)),
        disguised=bool(find_marks(subject, account) & OVERRIDES_DISCLOSURE),
    )


def _worn_disclosures(subject: Subject, account: Account) -> set[str]:
    """Words of the account's name and handle that say it is not the person.

    What the subject is called himself says nothing: a copy of Li Fan is no fan page.
    """
    said = {*parse_name(account.display_name or "").disclosures, *handle_disclosures(account.handle or "")}
    if not said:
        return said
    for name in map(parse_name, subject.names):
        said -= {*name.disclosures, *(part.text for part in name.parts)}
    for handle in subject.handles:
        said.difference_update(handle_disclosures(handle.text))
    return said


def decide(evidence: Sequence[Evidence], facts: Facts, prior_bits: float) -> Verdict:
    """Name the verdict; the rules are tried from top to bottom."""
    if facts.own:
        return "own_account"
    copied_photo = any(e.code in COPIED_PHOTO_CODES for e in evidence)
    whole_name = any(e.signal == "name" and _share(e) >= WHOLE_NAME_SHARE and e.bits > 0 for e in evidence)
    resembles = whole_name or any(e.signal in {"name", "handle"} and e.bits > RESEMBLING_BITS for e in evidence)
    # Saying "parody" in the biography alone does not undo a whole copy: few people read that far.
    disclosed = facts.disclosed_openly or (facts.disclosed_in_bio and not (copied_photo and whole_name))
    if disclosed and not facts.disguised and (copied_photo or resembles):
        return "fan_or_parody"
    if probability(prior_bits + total(evidence)) >= THRESHOLD:
        if copied_photo:
            return "clone" if resembles else "photo_reuse"
        # However likely a prior makes it: that two people share a name makes neither of them a suspect.
        return "namesake" if whole_name and not _says_more_than_name(evidence) else "lookalike"
    return "namesake" if whole_name else "unrelated"


def _says_more_than_name(evidence: Sequence[Evidence]) -> bool:
    """Whether anything beside the name speaks for a copy; a handle made of that name, or a late date, does not."""
    return any(e.bits > 0 and e.signal != "name" and e.code not in SAYS_NO_MORE for e in evidence)


def _share(evidence: Evidence) -> float:
    share = evidence.params.get("share")
    return float(share) if isinstance(share, int | float) else 0.0


def find_hinge(evidence: Sequence[Evidence], facts: Facts, prior_bits: float, verdict: Verdict) -> Hinge | None:
    """Find the strongest single piece of evidence without which the verdict would change; None if none would."""
    if verdict == "own_account" or _is_strange(evidence, prior_bits):
        return None
    for left_out in evidence:
        without = decide([e for e in evidence if e is not left_out], facts, prior_bits)
        if without != verdict:
            return Hinge(left_out.signal, without)
    return None


def _is_strange(evidence: Sequence[Evidence], prior_bits: float) -> bool:
    """Whether nothing speaks for a copy so strongly that, with or without it, the verdict could be another one."""
    summed = gain = 0.0
    for one in evidence:
        if _matters(one):
            return False
        summed += one.bits
        gain = max(gain, -one.bits)
    return prior_bits + calibrate(summed + gain) < 0


def _matters(evidence: Evidence) -> bool:
    return (
        evidence.bits > RESEMBLING_BITS
        or evidence.code in COPIED_PHOTO_CODES
        or (evidence.signal == "name" and _share(evidence) >= WHOLE_NAME_SHARE)
    )


def explain(verdict: Verdict, facts: Facts, evidence: Sequence[Evidence]) -> str | None:
    """Say why an account is set aside; None for suspects and strangers."""
    match verdict:
        case "own_account":
            return facts.own
        case "fan_or_parody":
            return "The account says itself that it is a parody, a fan page or not the person"
        case "namesake":
            return _explain_namesake(facts, evidence)
        case _:
            return None


def _explain_namesake(facts: Facts, evidence: Sequence[Evidence]) -> str:
    if facts.disguised:
        return "Same name in disguise, but too little else points to a copy to be sure: look at it yourself"
    beside = any(e.bits > 0 and e.signal not in {"name", "handle"} for e in evidence)
    if beside:
        return "Same name, but too little else points to a copy: probably another person of that name"
    return "Same name, but nothing else points to a copy: probably another person of that name"
