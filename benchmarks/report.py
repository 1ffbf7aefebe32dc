"""The end-to-end benchmark's figures as Markdown tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.plants import CLONES, OTHERS

Figures = dict[str, Any]


def write_report(figures: Figures) -> str:
    """Write all figures as Markdown."""
    return "\n".join(
        (
            *_write_head(figures),
            *_write_clones(figures),
            *_write_others(figures),
            *_write_alarms(figures),
            *_write_calibration(figures["calibration"]),
            *_write_times(figures),
        )
    )


def say(share: Figures | None) -> str:
    """A share in per cent with its interval: "97.3 % (95.1-98.5)"."""
    if share is None or share["share"] is None:
        return "-"
    return f"{share['share']:.1%} ({share['low']:.1%}-{share['high']:.1%})".replace("%", " %").replace(" %-", "-")


def _write_head(figures: Figures) -> Iterator[str]:
    setting = figures["setting"]
    yield f"## End to end, {setting['half']} people"
    yield ""
    yield (
        f"{setting['scanned']} people scanned ({setting['half']} half of {setting['people']}), {setting['accounts']:,} "
        f"accounts in the index, {setting['background']:,} of them strangers; seed {setting['seed']}; model "
        f"{setting['model']}. Shares with 95 % intervals (Wilson)."
    )
    yield ""


def _write_clones(figures: Figures) -> Iterator[str]:
    yield "| planted clone | n | found at 50 % or more | rank 1 | rank 5 or better | right verdict | in candidates |"
    yield "|---|---|---|---|---|---|---|"
    for kind in CLONES:
        row = figures["kinds"][kind]
        cells = [say(row[name]) for name in ("listed", "rank_1", "rank_5", "right_verdict", "retrieved")]
        yield f"| {kind} | {row['listed']['of']} | {' | '.join(cells)} |"
    for name, told in (("with_photo", "all with the photo"), ("without_photo", "all without it")):
        row = figures["groups"][name]
        yield f"| **{told}** | {row['of']} | **{say(row)}** | | **{say(row['rank_5'])}** | | |"
    yield ""
    yield "The rank counts accounts above it that are not clones of that person; the unlisted own account is one."
    yield ""


def _write_others(figures: Figures) -> Iterator[str]:
    yield "| counter-case | n | called a clone (50 % or more) | right verdict | verdicts |"
    yield "|---|---|---|---|---|"
    for kind in OTHERS:
        row = figures["kinds"][kind]
        verdicts = ", ".join(f"{name} {count}" for name, count in row["verdicts"].items())
        yield f"| {kind} | {row['listed']['of']} | {say(row['listed'])} | {say(row['right_verdict'])} | {verdicts} |"
    for name, told in (
        ("lookalike_people", "namesakes and relatives together"),
        ("lookalike_people_real", "of these with a real face"),
        ("lookalike_people_drawn", "of these with a drawn face"),
    ):
        row = figures["groups"][name]
        yield f"| **{told}** | {row['of']} | **{say(row)}** | | |"
    yield ""


def _write_alarms(figures: Figures) -> Iterator[str]:
    yield "| strangers | picture | accounts | false alarms | per 100,000 scanned accounts |"
    yield "|---|---|---|---|---|"
    for row in figures["alarms"]:
        low, share, high = (100_000 * row[name] for name in ("low", "share", "high"))
        rate = f"{share:.2f} ({low:.2f}-{high:.2f})"
        yield f"| {row['kind']} | {row['picture']} | {row['accounts']:,} | {row['hits']} | {rate} |"
    yield ""


def _write_calibration(calibration: Figures) -> Iterator[str]:
    between = calibration["error_between"]
    yield (
        f"Expected calibration error {calibration['error']:.4f} over {calibration['pairs']:,} judged pairs of which "
        f"{calibration['clones']:,} are clones, with the default prior"
        + (f"; {between:.3f} over the pairs between 10 % and 90 %." if between is not None else ".")
    )
    yield ""
    yield "| predicted | pairs | mean predicted | observed |"
    yield "|---|---|---|---|"
    for row in calibration["bins"]:
        yield f"| from {row['from']:.1f} | {row['pairs']:,} | {row['predicted']:.4f} | {row['observed']:.4f} |"
    yield ""


def _write_times(figures: Figures) -> Iterator[str]:
    yield "| step of a scan, milliseconds | p50 | p95 |"
    yield "|---|---|---|"
    for step, row in figures["times"].items():
        yield f"| {step} | {row['p50']:.1f} | {row['p95']:.1f} |"
    yield ""
    yield "Memory of the service in megabytes (“own” is not backed by files):"
    yield ""
    for moment, memory in figures["memory"].items():
        told = ", ".join(f"{name} {value:.0f}" for name, value in memory.items()) or "unknown on this system"
        yield f"- {moment}: {told}"
