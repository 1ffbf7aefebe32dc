"""The machine-readable part of a bundle: the comparison, and every input needed to judge again."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.photos.schemas import HashesModel
from app.reports.comparison import comparison_body
from app.reports.evidence.records import InputsRecord, Record
from matchers.model import Verdict
from matchers.photos import nearest
from matchers.profile import Photo, Subject

_Short = Annotated[str, Field(max_length=200)]
_Text = Annotated[str, Field(max_length=20_000)]
# Sums of floating-point numbers may differ in the last place between machines; rounding can carry that up to here.
BITS_TOLERANCE = 0.0015
CHANCE_TOLERANCE = 0.000_002


class _Loose(BaseModel):
    """A part whose later versions may say more."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class EvidenceRecord(_Loose):
    """One signal's contribution."""

    signal: _Short
    code: _Short
    bits: float
    summary: _Text


class HingeRecord(_Loose):
    """The single piece of evidence that the verdict hangs on."""

    signal: _Short
    verdict_without: Verdict


class ComparisonRecord(_Loose):
    """The comparison as the scan answered it."""

    verdict: Verdict
    probability: float = Field(ge=0, le=1)
    bits: float
    prior_bits: float
    evidence: Annotated[list[EvidenceRecord], Field(max_length=100)]
    hinges_on: HingeRecord | None = None
    reason: _Text | None = None
    declares_parody: bool = False
    model: _Short


class DecisionRecord(_Loose):
    """What a human said of the account, without his note; `reopened` when its name or photo has changed since."""

    verdict: Verdict
    decided_at: AwareDatetime
    reopened: bool = False


class ScanRecord(_Loose):
    """The scan that found the account."""

    id: _Short
    suspect_id: _Short
    created_at: AwareDatetime
    finished_at: AwareDatetime | None = None


class PhotoDistance(Record):
    """The nearest pair of hashes of the two photos: how many of their 256 bits differ."""

    bits: int = Field(ge=0, le=256)
    of: Literal[256] = 256
    probe: int = Field(ge=0)
    view: _Short


class TextDistance(Record):
    """Two texts, and how many characters differ: as written, and once lookalike characters count as one."""

    subject: Annotated[str, Field(max_length=10_000)]
    suspect: Annotated[str, Field(max_length=10_000)]
    edits: int = Field(ge=0)
    edits_seen: int = Field(ge=0)


class Distances(Record):
    """What was measured between the two profiles; null where one side does not tell."""

    photo: PhotoDistance | None = None
    name: TextDistance | None = None
    handle: TextDistance | None = None


class PictureRecord(Record):
    """A picture that the maker of the bundle chose to include.

    `sha256`, `size` and `hashes` are those of the file as it was given or fetched; the member is a smaller copy. The
    distance is that to the nearest photo that was compared, in bits; `compared` says whether it is that photo.
    """

    side: Literal["subject", "suspect"]
    member: _Short
    origin: Literal["given", "fetched"]
    url: Annotated[str, Field(max_length=2_000)] | None = None
    obtained_at: AwareDatetime
    size: int = Field(ge=0)
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    hashes: HashesModel
    distance: int | None = Field(default=None, ge=0, le=256)
    compared: bool | None = None


class Content(Record):
    """`comparison.json`. `decided`: the verdict is a human's, so that judging again need not give it."""

    format: _Short
    created_at: AwareDatetime
    generator: _Short
    scan: ScanRecord
    sources: Annotated[list[_Short], Field(max_length=1_000)]
    observed_at: AwareDatetime | None = None
    profile_url: Annotated[str, Field(max_length=2_000)] | None = None
    comparison: ComparisonRecord
    decided: bool = False
    decision: DecisionRecord | None = None
    distances: Distances
    pictures: Annotated[list[PictureRecord], Field(max_length=2)]
    inputs: InputsRecord


class Rejudged(Record):
    """What the installed model says of the inputs, and whether that is what the bundle says."""

    model: str
    verdict: Verdict
    probability: float
    bits: float
    same_model: bool
    same_result: bool


def judge_again(inputs: InputsRecord, recorded: ComparisonRecord, *, decided: bool) -> Rejudged:
    """Judge the inputs and compare; raises `matchers.errors.InvalidProfileError`."""
    body = comparison_body(inputs.judge())
    again = ComparisonRecord.model_validate(body)
    return Rejudged(
        model=again.model,
        verdict=again.verdict,
        probability=again.probability,
        bits=again.bits,
        same_model=again.model == recorded.model,
        same_result=(decided or again.verdict == recorded.verdict) and _is_same(again, recorded),
    )


def _is_same(again: ComparisonRecord, recorded: ComparisonRecord) -> bool:
    bits = {(one.signal, one.code): one.bits for one in again.evidence}
    told = {(one.signal, one.code): one.bits for one in recorded.evidence}
    return (
        len(again.evidence) == len(recorded.evidence)
        and bits.keys() == told.keys()
        and all(abs(bits[key] - told[key]) <= BITS_TOLERANCE for key in bits)
        and abs(again.bits - recorded.bits) <= BITS_TOLERANCE
        and abs(again.prior_bits - recorded.prior_bits) <= BITS_TOLERANCE
        and abs(again.probability - recorded.probability) <= CHANCE_TOLERANCE
    )


def photo_distance(subject: Subject, photo: Photo | None) -> dict[str, Any] | None:
    """The nearest pair of a subject's photos and an avatar; None where no hashes can be compared."""
    if photo is None or not photo.views:
        return None
    found = [nearest(own.probes, photo) for own in subject.photos if own.probes]
    if not found:
        return None
    best = min(found)
    return {"bits": best.distance, "probe": best.probe, "view": best.view}
