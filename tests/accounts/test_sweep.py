"""The sweep finds exactly what its three steps say, as counted bit by bit in plain integers."""

from __future__ import annotations

import random
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.accounts.hash_file import OBLONG, SHAPES, SQUARE, Block, split_hashes
from app.accounts.sweep import STRIP, Sweep
from matchers.photo_scheme import BITS, PROBES, REACH
from matchers.photo_sweep import IN_REACH, IN_SIGHT, LOOKOUTS, farthest, lookouts
from matchers.photos import Match, weigh_match
from matchers.profile import Photo

# The 8 x 8 lowest frequencies of 16 x 16, the first bit the highest.
LOW = sum(1 << BITS - 1 - 16 * row - column for row in range(8) for column in range(8))
Views = dict[str, int]


def _series(seed: int | str) -> random.Random:
    return random.Random(seed)  # noqa: S311 - a fixed series is wanted


def flip(value: int, count: int, drawn: random.Random) -> int:
    return value ^ sum(1 << bit for bit in drawn.sample(range(BITS), count))


def draw_account(probes: tuple[int, ...], shape: int, drawn: random.Random) -> Views:
    """A stranger, but for one view that is some bits from some probe, or from a lookout."""
    views = {view: drawn.getrandbits(BITS) for view in SHAPES[shape]}
    view = drawn.choice(SHAPES[shape])
    near = drawn.choice([drawn.randrange(min(len(probes), REACH[view])), *lookouts(view, len(probes))])
    return views | {view: flip(probes[near], drawn.randrange(95), drawn)}


def make_block(shape: int, accounts: dict[int, Views]) -> Block:
    laid = b"".join(views[view].to_bytes(32, "big") for views in accounts.values() for view in SHAPES[shape])
    words, rests = split_hashes(np.frombuffer(laid, np.uint8).reshape(len(accounts), len(SHAPES[shape]), 32))
    return Block(shape, np.array(list(accounts), np.int64), words.T.copy(), rests.swapaxes(0, 1).copy())


def find_plainly(probes: tuple[int, ...], views: Views) -> int | None:
    """The least distance that the definition gives, or None."""
    in_sight = any(
        ((views[view] ^ probes[at]) & LOW).bit_count() <= IN_SIGHT
        for view in views
        for at in lookouts(view, len(probes))
    )
    distances = [
        (views[view] ^ probe).bit_count()
        for view in views
        for probe in probes[: REACH[view]]
        if ((views[view] ^ probe) & LOW).bit_count() <= IN_REACH
    ]
    least = min(distances, default=BITS)
    return least if in_sight and least <= farthest() else None


@hypothesis_settings(max_examples=40)
@given(st.integers(0, 2**32), st.sampled_from([len(PROBES), 60]), st.integers(1, 60))
def test_all_that_the_definition_gives_and_nothing_else(seed: int, probes: int, count: int) -> None:
    drawn = _series(seed)
    photo = Photo(views={}, probes=tuple(drawn.getrandbits(BITS) for _ in range(probes)), gate=0.5)
    photo = Photo(views={"whole": photo.probes[0]}, probes=photo.probes, gate=0.5)
    shapes = {
        shape: {1 + shape * 1000 + at: draw_account(photo.probes, shape, drawn) for at in range(count)}
        for shape in (SQUARE, OBLONG)
    }
    blocks = [make_block(shape, accounts) for shape, accounts in shapes.items()]
    plainly = {row: find_plainly(photo.probes, views) for each in shapes.values() for row, views in each.items()}
    swept = Sweep([photo], 1_000).run(blocks, 60)
    assert {near.row_id: near.match.distance for near in swept.found} == {
        row: distance for row, distance in plainly.items() if distance is not None
    }
    assert (swept.compared, swept.total, swept.left_out) == (2 * count, 2 * count, 0)
    for near in swept.found:
        views = shapes[SQUARE if near.row_id < 1000 else OBLONG][near.row_id]
        found = views[near.match.view] ^ photo.probes[near.match.probe]
        assert found.bit_count() == near.match.distance


def make_photo(seed: int) -> Photo:
    drawn = _series(seed)
    probes = tuple(drawn.getrandbits(BITS) for _ in PROBES)
    return Photo(views={"whole": probes[0]}, probes=probes, gate=0.5)


def wear(photo: Photo, rows: range, flips: int = 4) -> Block:
    """Accounts that wear the photo, changed a little; strangers in the other views."""
    drawn = _series("strangers")
    strangers = {view: drawn.getrandbits(BITS) for view in SHAPES[SQUARE]}
    return make_block(
        SQUARE, {row: strangers | {"whole": flip(photo.probes[LOOKOUTS["whole"][1]], flips, drawn)} for row in rows}
    )


def test_the_best_are_kept_and_the_others_counted() -> None:
    photo = make_photo(1)
    far, near = wear(photo, range(1, 301), 16), wear(photo, range(301, 311), 3)
    swept = Sweep([photo], 20).run([near, far], 60)
    assert {item.row_id for item in swept.found[:10]} == set(range(301, 311))
    assert (len(swept.found), swept.left_out) == (20, 290)
    bits = [weigh_match(item.match) for item in swept.found]
    assert bits == sorted(bits, reverse=True)


def test_several_photos_and_photos_that_prove_nothing() -> None:
    photos = [make_photo(1), make_photo(2)]
    blocks = [wear(photos[0], range(1, 4)), wear(photos[1], range(4, 6))]
    assert {near.row_id for near in Sweep(photos, 20).run(blocks, 60).found} == {1, 2, 3, 4, 5}
    flat = Photo(views=photos[0].views, probes=photos[0].probes, gate=0.01)
    assert not Sweep([flat], 20).has_photos
    assert Sweep([flat], 20).run(blocks, 60).found == []


def test_wiped_accounts_are_not_found() -> None:
    photo = make_photo(1)
    block = wear(photo, range(1, 4))
    block.ids[1] = 0
    assert {near.row_id for near in Sweep([photo], 20).run([block], 60).found} == {1, 3}


@pytest.mark.parametrize("stopped", [True, False])
def test_it_ends_when_stopped_or_when_the_time_is_over(stopped: bool) -> None:
    photo, stop = make_photo(1), threading.Event()
    if stopped:
        stop.set()
    swept = Sweep([photo], 20, stop).run([wear(photo, range(1, 4))], 60 if stopped else 0)
    assert (swept.found, swept.compared, swept.total) == ([], 0, 3)


def test_a_large_index_is_shared_by_threads_and_the_newest_come_first() -> None:
    photo = make_photo(3)
    rng = np.random.default_rng(1)
    size = 4 * STRIP + 7
    words, rests = split_hashes(rng.integers(0, 256, (size, 3, 32), np.uint8))
    block = Block(SQUARE, np.arange(1, size + 1), words.T.copy(), rests.swapaxes(0, 1).copy())
    worn = wear(photo, range(1, 6))
    for at, place in enumerate((0, STRIP - 1, STRIP, 3 * STRIP + 9, size - 1)):
        block.words[:, place], block.rests[:, place] = worn.words[:, at], worn.rests[:, at]
    found = Sweep([photo], 20).run([block], 60).found
    assert {near.row_id - 1 for near in found} == {0, STRIP - 1, STRIP, 3 * STRIP + 9, size - 1}


def test_the_farthest_distance_is_where_the_weights_end() -> None:
    matches = [Match(distance, 0, view) for distance in range(BITS) for view in ("whole", "center")]
    weighs = [match.distance for match in matches for fine in (True, False) if weigh_match(match, fine=fine) > 0]
    assert farthest() == max(weighs)
    assert 60 < farthest() < 80


def test_lookouts_are_probes_that_the_view_is_compared_with() -> None:
    assert LOOKOUTS.keys() == REACH.keys()
    assert all(max(places) < REACH[view] and len(set(places)) == len(places) for view, places in LOOKOUTS.items())
