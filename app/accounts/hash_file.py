"""The picture hashes of a corpus in one file, which every process on the machine maps and shares.

A page of header, then blocks of accounts. A block holds, each contiguous, the row ids of its accounts, the low words of
each view (`matchers.photo_sweep`), and the rest of each hash; so that a search reads the words alone. Square pictures
have three views, oblong ones five: each shape fills blocks of its own. An id of 0 is no account.

One process at a time writes (it holds `lock_file`); any number read, without a lock. What is appended counts once the
header says so, and the header is written last; what a writer that died had begun is wiped by the next one. Numbers are
little-endian. A file is never shortened, and is replaced only as a whole, so that a mapped one stays readable.
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from matchers.photo_scheme import SQUARE_VIEWS, VIEWS
from matchers.photo_sweep import BYTE_ORDER

Words = npt.NDArray[np.uint64]
Ids = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint8]

MAGIC = b"cchash01"
PAGE = 4096
BLOCK = 1 << 16
WORDS = 4  # words of 64 bits in a hash
# The views of each shape, in the order in which they are stored.
SHAPES: tuple[tuple[str, ...], ...] = (tuple(view for view in VIEWS if view not in SQUARE_VIEWS), VIEWS)
SQUARE, OBLONG = range(len(SHAPES))
_FIXED = struct.Struct("<8s32sQ32sQQQq")
_CHECK = struct.Struct("<I")
_MAX_BLOCKS = PAGE - _FIXED.size - 8 - _CHECK.size
# A header that is being written may be read in halves; it is read again this often.
_READS = 50


class UnusableFileError(Exception):
    """The file is missing, damaged, of another version or of another corpus: it must be made anew."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a file holds: of which corpus (`identity`, 32 bytes), and which change was applied last.

    `rows` are the accounts of each shape, wiped ones among them; `shapes` the shape of each block in order; `newest`
    the highest row id that was ever stored.
    """

    identity: bytes
    applied: int = 0
    token: str = ""
    rows: tuple[int, ...] = (0, 0)
    wiped: int = 0
    newest: int = 0
    shapes: bytes = field(default=b"", repr=False)

    def pack(self) -> bytes:
        """The header as a page."""
        token = self.token.encode("ascii").ljust(32, b"\0")
        fixed = _FIXED.pack(MAGIC, self.identity, self.applied, token, *self.rows, self.wiped, self.newest)
        body = fixed + struct.pack("<Q", len(self.shapes)) + self.shapes
        body = body.ljust(PAGE - _CHECK.size, b"\0")
        return body + _CHECK.pack(zlib.crc32(body))

    @classmethod
    def unpack(cls, page: bytes) -> Self:
        """Read a page; raises `UnusableFileError`."""
        if len(page) != PAGE or page[: len(MAGIC)] != MAGIC:
            raise UnusableFileError("no file of hashes, or of another version")
        body, (check,) = page[: -_CHECK.size], _CHECK.unpack(page[-_CHECK.size :])
        if zlib.crc32(body) != check:
            raise UnusableFileError("the header is damaged")
        _, identity, applied, token, square, oblong, wiped, newest = _FIXED.unpack_from(body)
        (blocks,) = struct.unpack_from("<Q", body, _FIXED.size)
        shapes = body[_FIXED.size + 8 : _FIXED.size + 8 + blocks]
        return cls(identity, applied, token.rstrip(b"\0").decode("ascii"), (square, oblong), wiped, newest, shapes)

    def size(self) -> int:
        """How many bytes the file must have."""
        return PAGE + sum(map(_block_size, self.shapes))


@dataclass(frozen=True, slots=True)
class Block:
    """Accounts of one shape: `words` is (views, accounts), `rests` (views, accounts, 3)."""

    shape: int
    ids: Ids
    words: Words
    rests: Words

    def cut(self, start: int, stop: int) -> Block:
        """Some of its accounts."""
        return Block(self.shape, self.ids[start:stop], self.words[:, start:stop], self.rests[:, start:stop])


def _block_size(shape: int) -> int:
    return BLOCK * 8 * (1 + WORDS * len(SHAPES[shape]))


def split_hashes(hashes: Hashes) -> tuple[Words, Words]:
    """The low word (..., ) and the rest (..., 3) of hashes (..., 32) in the byte order of `cc1`."""
    ordered = np.ascontiguousarray(hashes[..., list(BYTE_ORDER)])
    words = ordered.view(np.uint64).reshape(*hashes.shape[:-1], WORDS)
    return words[..., 0], words[..., 1:]


class HashFile:
    """A mapped file. Made by `create` or `open`; raises `UnusableFileError` where it cannot be trusted."""

    def __init__(self, path: Path, *, writable: bool) -> None:
        self._path = path
        self._writable = writable
        flags = (os.O_RDWR if writable else os.O_RDONLY) | getattr(os, "O_CLOEXEC", 0)
        try:
            self._handle = os.open(path, flags)
        except OSError as error:
            raise UnusableFileError("the file cannot be opened") from error
        self._inode = os.fstat(self._handle).st_ino
        self._map: mmap.mmap | None = None
        try:
            self._header = self._read_valid()
        except UnusableFileError:
            self.close()
            raise

    @classmethod
    def create(cls, path: Path, identity: bytes) -> Self:
        """Make an empty file and open it for writing; only its owner may read it."""
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(handle, Header(identity).pack())
        finally:
            os.close(handle)
        return cls(path, writable=True)

    @classmethod
    def open(cls, path: Path, *, writable: bool = False) -> Self:
        """Open a file for reading, or also for writing."""
        return cls(path, writable=writable)

    @property
    def header(self) -> Header:
        """The header as it was last read or written here."""
        return self._header

    @property
    def replaced(self) -> bool:
        """Whether another file has taken its place."""
        try:
            return self._path.stat().st_ino != self._inode
        except OSError:
            return True

    def close(self) -> None:
        """Let go of the file; arrays that were handed out stay valid."""
        self._map = None
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def refresh(self) -> Header:
        """Read the header again."""
        self._header = self._read_valid()
        return self._header

    def _read_valid(self) -> Header:
        for attempt in range(_READS):
            try:
                header = Header.unpack(os.pread(self._handle, PAGE, 0))
                break
            except UnusableFileError:
                if attempt == _READS - 1:
                    raise
        size = os.fstat(self._handle).st_size
        if size < header.size() or any(shape not in (SQUARE, OBLONG) for shape in header.shapes):
            raise UnusableFileError("the file is shorter than its header says")
        return header

    def _mapped(self, size: int) -> mmap.mmap:
        if self._map is None or len(self._map) < size:
            access = mmap.ACCESS_WRITE if self._writable else mmap.ACCESS_READ
            self._map = mmap.mmap(self._handle, size, access=access)
        return self._map

    def blocks(self) -> list[Block]:
        """The accounts that the header counts, in the order in which they were stored."""
        return [block.cut(0, rows) for block, rows in self._filled_blocks()]

    def _filled_blocks(self) -> Iterator[tuple[Block, int]]:
        """Every block, and how many of its accounts the header counts."""
        left = list(self._header.rows)
        for block in self._whole_blocks():
            rows = min(BLOCK, left[block.shape])
            left[block.shape] -= rows
            yield block, rows

    def _whole_blocks(self) -> Iterator[Block]:
        if not self._header.shapes:
            return
        mapped = self._mapped(self._header.size())
        at = PAGE
        for shape in self._header.shapes:
            views = len(SHAPES[shape])
            ids = np.frombuffer(mapped, np.int64, BLOCK, at)
            words = np.frombuffer(mapped, np.uint64, views * BLOCK, at + 8 * BLOCK).reshape(views, BLOCK)
            rest_at = at + 8 * BLOCK * (1 + views)
            rests = np.frombuffer(mapped, np.uint64, views * BLOCK * 3, rest_at).reshape(views, BLOCK, 3)
            yield Block(shape, ids, words, rests)
            at += _block_size(shape)

    def wipe_unfinished(self) -> None:
        """Wipe what a writer left behind the accounts that count."""
        for block, rows in self._filled_blocks():
            tail = block.cut(rows, BLOCK)
            for part in (tail.ids, tail.words, tail.rests):
                if part.any():
                    part[...] = 0

    def append(self, shape: int, ids: Ids, hashes: Hashes) -> None:
        """Store accounts: `hashes` is (accounts, views of the shape, 32). They count once `commit` was called."""
        words, rests = split_hashes(hashes)
        done = 0
        while done < len(ids):
            start = self._header.rows[shape] % BLOCK
            if start == 0 and self._header.rows[shape] == BLOCK * self._header.shapes.count(shape):
                self._add_block(shape)
            part = min(BLOCK - start, len(ids) - done)
            block = [block for block in self._whole_blocks() if block.shape == shape][self._header.rows[shape] // BLOCK]
            here, there = slice(start, start + part), slice(done, done + part)
            block.ids[here] = ids[there]
            block.words[:, here] = words[there].T
            block.rests[:, here] = rests[there].swapaxes(0, 1)
            rows = list(self._header.rows)
            rows[shape] += part
            newest = max(self._header.newest, int(ids[there].max()))
            self._header = replace(self._header, rows=tuple(rows), newest=newest)
            done += part

    def _add_block(self, shape: int) -> None:
        if len(self._header.shapes) >= _MAX_BLOCKS:
            raise UnusableFileError("the file is full")
        self._header = replace(self._header, shapes=self._header.shapes + bytes([shape]))
        if os.fstat(self._handle).st_size < self._header.size():
            os.ftruncate(self._handle, self._header.size())

    def wipe(self, ids: Sequence[int]) -> int:
        """Overwrite the hashes of accounts, at once, whether `commit` follows or not; returns how many there were."""
        wanted = np.unique(np.asarray([one for one in ids if 0 < one <= self._header.newest], np.int64))
        if not len(wanted):
            return 0
        count = 0
        for block in self.blocks():
            hit = np.flatnonzero(np.isin(block.ids, wanted))
            if len(hit):
                block.words[:, hit] = 0
                block.rests[:, hit] = 0
                block.ids[hit] = 0
                count += len(hit)
        self._header = replace(self._header, wiped=self._header.wiped + count)
        return count

    def commit(self, applied: int, token: str) -> None:
        """Make what was appended and wiped count, up to and with this change; on the disk when it returns."""
        os.fsync(self._handle)
        self._header = replace(self._header, applied=applied, token=token)
        os.pwrite(self._handle, self._header.pack(), 0)
        os.fsync(self._handle)
