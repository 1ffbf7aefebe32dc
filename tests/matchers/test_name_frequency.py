"""Names: how common they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.name_frequency import MAX_BITS, MIN_BITS, PARTICLE_BITS, estimate_sharers, load_frequencies, part_bits
from matchers.world import DEFAULT_WORLD, World


def test_table_holds_the_census() -> None:
    table = load_frequencies()
    assert table["smith"].surname == pytest.approx(0.01006)
    assert table["john"].given > table["john"].surname
    assert len(table) > 20_000


@pytest.mark.parametrize(("common", "rare"), [("smith", "quibell"), ("john", "xanthe"), ("jane", "zzyzx"), ("j", "jo")])
def test_rarer_part_tells_more(common: str, rare: str) -> None:
    assert part_bits(common, DEFAULT_WORLD) < part_bits(rare, DEFAULT_WORLD)


@pytest.mark.parametrize("particle", ["van", "al", "bin", "de"])
def test_particles_tell_little(particle: str) -> None:
    assert part_bits(particle, DEFAULT_WORLD) == PARTICLE_BITS


def test_own_counts_are_mixed_in() -> None:
    world = World(name_counts={"putin": 500}, name_total=1_000)
    assert part_bits("putin", world) == MIN_BITS
    assert part_bits("smith", World(name_total=1_000)) == pytest.approx(part_bits("smith", DEFAULT_WORLD) + 1)


@given(st.text(max_size=30), st.integers(0, 100), st.integers(0, 1_000))
def test_bits_are_bounded(part: str, count: int, more: int) -> None:
    world = World(name_counts={part: count}, name_total=count + more)
    assert PARTICLE_BITS <= part_bits(part, world) <= MAX_BITS


def test_common_names_are_shared_by_many() -> None:
    smith, doe, rare = (estimate_sharers(n, DEFAULT_WORLD).estimate for n in ("John Smith", "Jane Doe", "Zyx Qwrt"))
    assert 100_000 < smith < 300_000
    assert rare < doe < smith


@pytest.mark.parametrize("variant", ["Smith, John", "JOHN SMITH", "Dr. John Smith ✓", "John Q. Smith", "Jöhn Smith"])
def test_writing_does_not_change_the_estimate(variant: str) -> None:
    assert estimate_sharers(variant, DEFAULT_WORLD) == estimate_sharers("John Smith", DEFAULT_WORLD)


def test_unlisted_names_are_estimated_more_widely() -> None:
    listed, unlisted = estimate_sharers("Angela Merkel", DEFAULT_WORLD), estimate_sharers("Dmytro Wang", DEFAULT_WORLD)
    assert unlisted.high / unlisted.estimate > listed.high / listed.estimate


def test_no_name_is_shared_by_everybody() -> None:
    assert estimate_sharers("🔥", World(population=1_000)).estimate == 1_000


@given(st.text(max_size=60), st.integers(2, 10**10))
def test_estimate_lies_in_its_range(name: str, population: int) -> None:
    sharers = estimate_sharers(name, World(population=population))
    assert 1 <= sharers.low <= sharers.estimate <= sharers.high <= population
