"""From the table of accounts to what a file of hashes stores: ids and hashes of usable pictures, by shape."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.accounts.dialects import one_of
from app.accounts.hash_file import OBLONG, SHAPES, SQUARE, Hashes, Ids
from app.accounts.models import AccountRow
from app.accounts.rows import VIEW_BYTES, pack_views, unpack_views
from app.accounts.scope import Scope
from matchers.photo_scheme import GATE, MIN_SIDE, SCHEME, SQUARE_VIEWS

# Row id and packed views.
Packed = tuple[int, bytes]
# Shape, ids, and hashes (accounts, views, 32).
Batch = tuple[int, Ids, Hashes]


def read_accounts(session: Session, scope: Scope, ids: Sequence[int]) -> Iterator[Batch]:
    """The hashes of these accounts, as far as they have any that can be compared."""
    query = select(AccountRow.id, AccountRow.avatar_views).where(_usable(scope), one_of(session, AccountRow.id, ids))
    return arrange([(row_id, views) for row_id, views in session.execute(query) if views is not None])


def read_page(session: Session, scope: Scope, after: int, size: int) -> tuple[int | None, Iterator[Batch]]:
    """The hashes of the next accounts by row id, and the last id among them (None at the end)."""
    query = select(AccountRow.id, AccountRow.avatar_views).where(_usable(scope), AccountRow.id > after)
    found = session.execute(query.order_by(AccountRow.id).limit(size))
    rows = [(row_id, views) for row_id, views in found if views is not None]
    return (rows[-1][0] if rows else None), arrange(rows)


def _usable(scope: Scope) -> ColumnElement[bool]:
    """The condition that `matchers.photos.photo_usable` states, in the table's terms."""
    large_enough = AccountRow.avatar_side.is_(None) | (AccountRow.avatar_side >= MIN_SIDE)
    of_today = (AccountRow.avatar_scheme == SCHEME) & AccountRow.avatar_views.is_not(None)
    return scope.rows & of_today & (AccountRow.avatar_gate >= GATE) & large_enough


def arrange(rows: Sequence[Packed]) -> Iterator[Batch]:
    """Group accounts by shape and lay out their hashes; a view that an account lacks is all zero."""
    by_size: defaultdict[int, list[Packed]] = defaultdict(list)
    for row in rows:
        by_size[len(row[1])].append(row)
    for size, alike in by_size.items():
        ids = np.fromiter((row_id for row_id, _ in alike), np.int64, len(alike))
        laid = np.frombuffer(b"".join(packed for _, packed in alike), np.uint8).reshape(len(alike), size)
        usual = np.zeros(len(alike), np.bool_)
        for shape in (SQUARE, OBLONG):
            template, is_hash = _template(shape)
            if len(template) == size:
                usual = (laid[:, ~is_hash] == template[~is_hash]).all(axis=1)
                hashes = laid[usual][:, is_hash].reshape(-1, len(SHAPES[shape]), VIEW_BYTES)
                if len(hashes):
                    yield shape, ids[usual], hashes
        yield from _arrange_unusual([row for row, plain in zip(alike, usual, strict=True) if not plain])


@cache
def _template(shape: int) -> tuple[Hashes, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """How the views of a shape are packed when all are there, and which of the bytes are hashes."""
    empty = np.frombuffer(pack_views(dict.fromkeys(SHAPES[shape], 0)), np.uint8)
    full = np.frombuffer(pack_views(dict.fromkeys(SHAPES[shape], (1 << 8 * VIEW_BYTES) - 1)), np.uint8)
    return empty, empty != full


def _arrange_unusual(rows: Sequence[Packed]) -> Iterator[Batch]:
    """Accounts that lack a view, or have their views in another order."""
    by_shape: defaultdict[int, list[Packed]] = defaultdict(list)
    for row_id, packed in rows:
        views = unpack_views(packed)
        shape = OBLONG if SQUARE_VIEWS.intersection(views) else SQUARE
        laid = b"".join(views.get(view, 0).to_bytes(VIEW_BYTES, "big") for view in SHAPES[shape])
        by_shape[shape].append((row_id, laid))
    for shape, alike in by_shape.items():
        ids = np.fromiter((row_id for row_id, _ in alike), np.int64, len(alike))
        hashes = np.frombuffer(b"".join(laid for _, laid in alike), np.uint8)
        yield shape, ids, hashes.reshape(len(alike), len(SHAPES[shape]), VIEW_BYTES)
