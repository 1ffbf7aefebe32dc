"""What a signal says: a number of bits and one sentence a layman understands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, NamedTuple

Side = Literal["subject", "candidate"]
Field = Literal["name", "handle", "bio"]
Param = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Span:
    """Characters that matter: `start` to `end` (exclusive) in Unicode code points of the named field."""

    side: Side
    field: Field
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What one signal found, before the model weighs it.

    `code` is stable and machine-readable ("photo.mirrored"); `bits` is a raw log2 likelihood ratio, positive for
    "made to be taken for the subject", negative for "somebody else"; `params` are the figures in the sentence.
    """

    code: str
    bits: float
    summary: str
    spans: tuple[Span, ...] = ()
    params: Mapping[str, Param] = field(default_factory=dict)


class Evidence(NamedTuple):
    """One signal's weighed contribution: log2 odds = prior_bits + the sum of `bits` over all evidence.

    A tuple, since a few of them are made for every stranger that is looked at, and these are made fastest.
    """

    signal: str
    code: str
    bits: float
    summary: str
    spans: tuple[Span, ...] = ()
    params: Mapping[str, Param] = MappingProxyType({})
