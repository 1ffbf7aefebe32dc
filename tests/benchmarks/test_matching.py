from __future__ import annotations

import random
import unicodedata
from pathlib import Path

import pytest

from benchmarks.attacks import HANDLE_ATTACKS, NAME_ATTACKS, attack_all
from benchmarks.cases import read_mix
from benchmarks.matching import CHECKS, measure
from benchmarks.matching_rows.judgement_rows import measure_error, measure_loss
from benchmarks.matching_rows.lookalike_rows import is_lookalike
from benchmarks.matching_rows.measures import area, best_threshold, count_above, cross_validate, f1, threshold_at
from benchmarks.matching_rows.row import OURS, Row, Table, say_share
from benchmarks.transliteration import SCRIPTS, script_of, write_in


@pytest.mark.data
@pytest.mark.slow
def test_every_row_is_measured_in_the_quick_form(data_dir: Path) -> None:
    table = measure(data_dir, tuple(CHECKS), quick=True)
    assert len(table.rows) == 32
    assert all(row.figures[OURS] for row in table.rows)
    lines = list(table.write())
    assert len({line.count("|") for line in lines if line.startswith("|")}) == 1
    assert any(line.startswith("- Quick form") for line in lines)


def test_area_counts_ties_half() -> None:
    assert area([3.0, 2.0, 1.0], [True, False, False]) == 1.0
    assert area([1.0, 1.0], [True, False]) == 0.5
    assert area([1.0, 2.0], [True, False]) == 0.0


def test_f1_of_the_best_threshold() -> None:
    scores, labels = [4.0, 3.0, 2.0, 1.0], [True, True, False, True]
    limit = best_threshold(scores, labels)
    assert limit == 1.0
    assert f1([s >= limit for s in scores], labels) == pytest.approx(6 / 7)
    assert f1([False] * 4, labels) == 0.0


def test_cross_validation_never_sees_the_fold_it_calls() -> None:
    # Fold 1 sets 5 for fold 0, which sets its own only match for fold 1.
    scores, labels = [5.0, 9.0, 1.0], [True, True, False]
    assert cross_validate(scores, labels, [0, 1, 1]) == f1([True, True, False], labels)
    assert cross_validate([0.5, 9.0, 1.0], labels, [0, 1, 1]) == f1([False, True, True], labels)


@pytest.mark.parametrize(("rate", "above"), [(0.0, 0), (0.01, 1), (0.1, 10), (1.0, 99)])
def test_the_threshold_lets_no_more_negatives_pass_than_its_rate(rate: float, above: int) -> None:
    scores = [float(at) for at in range(100)]
    assert count_above(scores, threshold_at(scores, rate)) == above


@pytest.mark.parametrize(
    ("target", "label", "kept"),
    [
        ("steamcommunity", "stearncommunlty", True),
        ("steamcommunity", "tradecommunity", False),
        ("discord", "get-dlscord-nitro-free", True),
        ("discord", "discobros", False),
        ("discordnitro", "discord-moderations", False),
    ],
)
def test_the_rule_of_what_a_lookalike_is(target: str, label: str, kept: bool) -> None:
    assert is_lookalike(target, label) is kept


def test_attacks_change_what_they_can_and_repeat() -> None:
    for attacks, text in ((NAME_ATTACKS, "William Edmund"), (HANDLE_ATTACKS, "william_edmund")):
        once, again = (list(attack_all(random.Random(3), text, attacks)) for _ in range(2))  # noqa: S311
        assert once == again
        assert len(once) >= len(attacks) - 3
        assert all(attacked != text for _, attacked in once)


@pytest.mark.parametrize("text", ["", "x", "É", "...", "🔥🔥"])
def test_attacks_leave_alone_what_they_cannot_change(text: str) -> None:
    assert "letters exchanged" not in dict(attack_all(random.Random(3), text, NAME_ATTACKS))  # noqa: S311


@pytest.mark.parametrize("script", SCRIPTS)
def test_names_are_written_in_one_script(script: str) -> None:
    written = write_in(script, "Quincy Fox-Wójcik van der Zee")
    assert script_of(written) == script
    assert all(unicodedata.name(char).startswith(script.upper()) for char in written if char.isalpha())


def test_a_latin_name_is_left_as_it_is() -> None:
    assert write_in("Latin", "Jane Doe") == "Jane Doe"
    assert script_of("123 Jane") == "Latin"


def test_the_case_mix_adds_up() -> None:
    mix = read_mix()
    assert sum(case.weight for case in mix if case.clone) == pytest.approx(1.0)
    assert sum(case.weight for case in mix if not case.clone) == 2**17


def test_calibration_of_true_and_of_false_probabilities() -> None:
    assert measure_error([(0.25, True, 1.0), (0.25, False, 3.0)]) == pytest.approx(0.0)
    assert measure_error([(0.9, False, 2.0)]) == pytest.approx(0.9)
    assert measure_error([]) == 0.0
    assert measure_loss([(0.5, True, 1.0), (0.5, False, 1.0)]) == pytest.approx(0.6931, abs=1e-4)


def test_a_table_has_a_cell_for_every_rival() -> None:
    row = Row("m", "3", {OURS: say_share(1, 2), "ratio": ".500"})
    assert (
        list(Table([row]).write())[-1]
        == "| m | 3 | .500 (.095–.905) |  | – | .500 | – | – | – | – | – | – | – | – | – |"
    )
