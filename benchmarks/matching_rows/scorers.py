"""Ours and the rivals, each as a function from two texts to a number: the higher, the more alike."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import Any

from rapidfuzz import fuzz, utils
from rapidfuzz.distance import JaroWinkler

from benchmarks.matching_rows.row import OURS
from matchers.evidence import Finding
from matchers.handles import compare_handles
from matchers.names import compare_names
from matchers.profile import Account, Handle, Subject
from matchers.world import DEFAULT_WORLD

Scorer = Callable[[str, str], float]

# What ours scores when it has nothing to compare: below everything that it says otherwise.
_NOTHING = -9.0


def score_names(one: str, other: str) -> float:
    """Raw bits of the display name; of equal bits the larger confirmed share."""
    finding = compare_names(Subject(names=(one,)), Account("x", display_name=other), DEFAULT_WORLD)
    if finding is None:
        return _NOTHING
    share = finding.params["share"]
    return finding.bits + 0.001 * (share if isinstance(share, float) else 0.0)


def score_handles(one: str, other: str) -> float:
    """Raw bits of the handle, nothing else known of the account."""
    subject = Subject(handles=(Handle(one, "x"),))
    finding: Finding | None = compare_handles(subject, Account("x", other), DEFAULT_WORLD)
    return _NOTHING if finding is None else finding.bits


def rapidfuzz_scorers() -> dict[str, Scorer]:
    """The three scorers of rapidfuzz, after its own default processing."""
    process = utils.default_process
    return {
        "WRatio": lambda one, other: float(fuzz.WRatio(one, other, processor=process)),
        "ratio": lambda one, other: float(fuzz.ratio(one, other, processor=process)),
        "Jaro-Winkler": lambda one, other: JaroWinkler.similarity(one, other, processor=process),
    }


@lru_cache(maxsize=1)
def load_logic_v2() -> Scorer | None:
    """The `logic-v2` algorithm of nomenklatura on two persons with a name each; None where it is not installed."""
    try:
        algorithm: Any = import_module("nomenklatura.matching").LogicV2
        ftm: Any = import_module("followthemoney")
    except ImportError:
        return None
    config, person = algorithm.default_config(), ftm.model.get("Person")

    @lru_cache(maxsize=20_000)
    def entity(name: str) -> Any:
        made = ftm.ValueEntity(person, {"id": name})
        made.add("name", name)
        return made

    return lambda one, other: float(algorithm.compare(entity(one), entity(other), config).score)


def name_scorers() -> dict[str, Scorer]:
    """All scorers of names that are installed, ours first."""
    rival = load_logic_v2()
    return {OURS: score_names} | rapidfuzz_scorers() | ({"logic-v2": rival} if rival else {})


def handle_scorers() -> dict[str, Scorer]:
    """All scorers of handles, ours first; logic-v2 knows no handles."""
    return {OURS: score_handles} | rapidfuzz_scorers()
