"""Names: how common they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.name_frequency import MAX_BITS, MIN_BITS, PARTICLE_BITS, estimate_sharers, load_frequencies, part_bits
from matchers.name_regions import find_regions, load_regions
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
    assert part_bits("smith", World(name_counts={"smith": 0}, name_total=1_000)) == pytest.approx(
        part_bits("smith", DEFAULT_WORLD) + 1
    )


@given(st.text(max_size=30), st.integers(0, 100), st.integers(0, 1_000))
def test_bits_are_bounded(part: str, count: int, more: int) -> None:
    world = World(name_counts={part: count}, name_total=count + more)
    assert PARTICLE_BITS <= part_bits(part, world) <= MAX_BITS


# Orders of magnitude among a billion people, from what is known of each name: in the USA alone some 45,000 people are
# called John Smith, in China some 290,000 Wang Wei (王伟 alone).
@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("John Smith", 5_000, 100_000),
        ("Maria Garcia", 20_000, 500_000),
        ("Wei Wang", 20_000, 500_000),
        ("王伟", 20_000, 500_000),
        ("Mohammed Ali", 2_000, 200_000),
        ("Nguyen Van Anh", 10_000, 500_000),
        ("Ivan Petrov", 500, 50_000),
        ("Иван Петров", 500, 50_000),
        ("Hiroshi Tanaka", 200, 20_000),
        ("Jane Doe", 10, 1_000),
        ("Kim Min-jun", 50, 20_000),
        ("Rahul Kumar", 500, 100_000),
        ("Vladimir Putin", 1, 100),
        ("Xanthe Quibell", 1, 20),
        ("Zorblax Quennigfeld", 1, 20),
    ],
)
def test_estimate_has_the_right_order(name: str, least: int, most: int) -> None:
    sharers = estimate_sharers(name, DEFAULT_WORLD)
    assert least <= sharers.estimate <= most
    assert sharers.low < most
    assert sharers.high > least


@pytest.mark.parametrize(
    ("common", "rare"), [("wang", "wong"), ("nguyen", "quibell"), ("ivan", "petrov"), ("sergey", "quibell")]
)
def test_names_are_common_where_they_are_at_home(common: str, rare: str) -> None:
    assert part_bits(common, DEFAULT_WORLD) < part_bits(rare, DEFAULT_WORLD)


def test_names_of_two_regions_seldom_meet() -> None:
    at_home, abroad = (estimate_sharers(n, DEFAULT_WORLD).estimate for n in ("Wei Wang", "Maria Wang"))
    assert abroad < at_home / 5


def test_regions_are_shares() -> None:
    regions = load_regions().regions
    assert sum(region.weight for region in regions.values()) == pytest.approx(1)
    assert set(find_regions("garcia")) <= set(regions) - {"en"}
    # The lists hold no more people than there are.
    for place in (0, 1):
        for code in regions:
            listed = sum(find_regions(n)[code][place] for n in load_regions().rows if code in find_regions(n))
            assert listed < 1.01


@pytest.mark.parametrize("variant", ["Smith, John", "JOHN SMITH", "Dr. John Smith ✓", "John Q. Smith", "Jöhn Smith"])
def test_writing_does_not_change_the_estimate(variant: str) -> None:
    assert estimate_sharers(variant, DEFAULT_WORLD) == estimate_sharers("John Smith", DEFAULT_WORLD)


def test_unlisted_names_are_estimated_more_widely() -> None:
    listed, unlisted = (
        estimate_sharers("Angela Merkel", DEFAULT_WORLD),
        estimate_sharers("Angela Zyxwvut", DEFAULT_WORLD),
    )
    assert unlisted.high / unlisted.estimate > listed.high / listed.estimate


def test_no_name_is_shared_by_everybody() -> None:
    assert estimate_sharers("🔥", World(population=1_000)).estimate == 1_000


@given(st.text(max_size=60), st.integers(2, 10**10))
def test_estimate_lies_in_its_range(name: str, population: int) -> None:
    sharers = estimate_sharers(name, World(population=population))
    assert 1 <= sharers.low <= sharers.estimate <= sharers.high <= population


@pytest.mark.parametrize("name", ["田中太郎", "山田花子", "محمد علي", "דוד כהן", "عبد الرحمن"])
def test_a_common_name_in_another_script_is_not_called_rare(name: str) -> None:
    assert estimate_sharers(name, DEFAULT_WORLD).estimate > 10
