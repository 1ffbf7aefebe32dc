"""Names: labelled pairs, the names that legislators really use, and one name in 14 scripts."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from pathlib import Path

from app.demo.population import draw_person
from benchmarks.matching_rows.measures import (
    FOLDS,
    area,
    count_above,
    cross_validate,
    digest,
    score_all,
    threshold_at,
)
from benchmarks.matching_rows.row import OURS, Row, say_figures, say_share
from benchmarks.matching_rows.scorers import Scorer, name_scorers
from benchmarks.people import Half, half_of
from benchmarks.transliteration import SCRIPTS, script_of, write_in

Pair = tuple[str, str]
CsvRow = Mapping[str, str]

# Made-up people, by census frequency, beside the other legislators: enough for 100,000 wrong pairs in either half.
DRAWN = 420
ENGLISH = "Vladimir Putin"


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read a CSV file with a head line."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_legislators(folder: Path, half: Half) -> list[CsvRow]:
    """The legislators of one half, by the hash of their ids."""
    return [row for row in read_rows(folder / "congress_handles.csv") if half_of(row["bioguide"]) == half]


def check_labelled(folder: Path) -> Row:
    """F1 and AUC on the labelled pairs of persons; the better of both orders counts, for every scorer."""
    rows = [row for row in read_rows(folder / "opensanctions_name_checks.csv") if row["schema"] == "Person"]
    labels = [row["is_match"] == "true" for row in rows]
    folds = [digest(f"{row['name1']}|{row['name2']}") % FOLDS for row in rows]
    figures = {}
    for name, scorer in name_scorers().items():
        scores = [max(scorer(r["name1"], r["name2"]), scorer(r["name2"], r["name1"])) for r in rows]
        figures[name] = say_figures((cross_validate(scores, labels, folds), area(scores, labels)))
    return Row(
        "name pairs: F1 / AUC",
        f"{sum(labels)} matches",
        figures,
        f"{len(labels) - sum(labels)} labelled non-matches",
        f"threshold on 4 of {FOLDS} folds by row hash, F1 on the fifth, pooled",
        ".880 / .920",
    )


def list_variants(row: CsvRow) -> set[str]:
    """The forms in which a legislator's name is used, from the file's own columns."""
    first, last = row["first"], row["last"]
    forms = {f"{first} {last}", f"{last}, {first}", " ".join(f"{first} {row['middle']} {last}".split())}
    if row["nickname"]:
        forms.add(f"{row['nickname']} {last}")
    return forms - {row["official_full"]}


def check_variants(folder: Path, drawn: int = DRAWN) -> Iterator[Row]:
    """How many real variants pass when one wrong pair in ten thousand does."""
    test = read_legislators(folder, "test")
    positives = [(row["official_full"], form) for row in test for form in sorted(list_variants(row))]
    short = [(row["official_full"], f"{row['nickname'] or row['first']} {row['last']}") for row in test]
    short = [(one, other) for one, other in short if one != other]
    negatives = {half: _strangers(folder, half, drawn) for half in ("development", "test")}
    source = "legislators against one another and against names drawn by census frequency"
    levels = _measure({"variants": positives, "short": short}, negatives["development"], negatives["test"])
    for key, pairs, told in (("variants", positives, "real name variants"), ("short", short, "of these, short forms")):
        figures = {name: found[key] for name, found in levels.items()}
        counted = f"{len(negatives['development']):,}: {source}"
        split = (
            f"threshold: development people; figure: test people; ours on {len(negatives['test']):,} test negatives: "
        )
        yield Row(f"{told}, FPR 1e-4", f"{len(pairs)}", figures, counted, split + levels[OURS]["false"], ".990")


def _strangers(folder: Path, half: Half, drawn: int) -> list[Pair]:
    names = [row["official_full"] for row in read_legislators(folder, half)]
    rng = random.Random(f"strangers:{half}")
    others = [draw_person(rng).full for _ in range(drawn)]
    return [*combinations(names, 2), *product(names, others)]


def check_spellings(folder: Path, drawn: int = DRAWN) -> Iterator[Row]:
    """One name in 81 spellings, against other people's names in the same scripts."""
    lines = (folder / "opensanctions_one_person_80_names.txt").read_text(encoding="utf-8").splitlines()
    spellings = [line for line in lines if line.strip()]
    from_english = [(ENGLISH, spelling) for spelling in spellings if spelling != ENGLISH]
    every = list(combinations(spellings, 2))
    negatives = {half: _other_spellings(folder, half, spellings, drawn) for half in ("development", "test")}
    levels = _measure({"english": from_english, "every": every}, negatives["development"], negatives["test"])
    counted = (
        f"{len(negatives['development']):,}: each spelling against other names, legislators' and drawn ones, "
        f"in its own script, in Latin and in Cyrillic ({len(SCRIPTS)} scripts, our own tables)"
    )
    for key, pairs, told in (("english", from_english, "from the English one"), ("every", every, "every pair")):
        figures = {name: found[key] for name, found in levels.items()}
        split = (
            f"threshold: other people of the development half; ours on {len(negatives['test']):,} of the test half: "
        )
        yield Row(
            f"one name in 14 scripts, {told}, FPR 1e-4",
            f"{len(pairs):,}",
            figures,
            counted,
            split + levels[OURS]["false"],
            ".880",
        )


def _other_spellings(folder: Path, half: Half, spellings: Sequence[str], drawn: int) -> list[Pair]:
    """Each spelling beside other people's names, whose number is `drawn` legislators and drawn people."""
    rng = random.Random(f"spellings:{half}")
    names = [f"{row['first']} {row['last']}" for row in read_legislators(folder, half)]
    names += [draw_person(rng).full for _ in range(drawn)]
    written = {script: [write_in(script, name) for name in names] for script in ("Latin", *SCRIPTS)}
    pairs = []
    for spelling in spellings:
        for script in sorted({script_of(spelling), "Latin", "Cyrillic"}):
            pairs += [(spelling, name) for name in written[script]]
    return pairs


def _measure(
    positives: Mapping[str, Sequence[Pair]], choose: Sequence[Pair], control: Sequence[Pair]
) -> dict[str, dict[str, str]]:
    """By scorer: the share of each group above the level that `choose` sets; ours also on the control negatives."""
    levels: dict[str, dict[str, str]] = {}
    for name, scorer in name_scorers().items():
        limit = threshold_at(score_all(scorer, choose))
        levels[name] = {key: _say_above(scorer, pairs, limit) for key, pairs in positives.items()}
        if name == OURS:
            levels[name]["false"] = f"{count_above(score_all(scorer, control), limit)} false"
    return levels


def _say_above(scorer: Scorer, pairs: Sequence[Pair], limit: float) -> str:
    return say_share(count_above(score_all(scorer, pairs), limit), len(pairs))
