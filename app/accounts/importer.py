"""Import of a file: streamed, read and hashed on all cores, resumed where it stopped.

Progress is written in the transaction of each batch, under a fingerprint of the file. An import that was broken off
goes on behind the last batch that was stored; a changed file is read from its beginning, which is harmless: what is
stored already counts as unchanged.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from types import TracebackType

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.accounts.avatar_files import AvatarFolder
from app.accounts.cells import cells_to_record, measure_cells
from app.accounts.files import Raw, read_file
from app.accounts.intake import parse_line, read_record
from app.accounts.key_maker import with_keys
from app.accounts.models import ImportRow
from app.accounts.observation import Observation, RejectedLine
from app.accounts.scope import Scope
from app.accounts.service import ImportResult, import_accounts
from app.accounts.workers import await_answer, end_with_parent
from app.problems import InvalidInputError, ProblemError
from app.settings import MEBIBYTE, Settings
from app.storage import Database, utc_now

_GARBAGE = (200_000, 20, 50)
# Records a worker gets at a time: some tenths of a second of work, and not more bytes than this (and one record).
_CHUNK_RECORDS = 64
_PLAIN_RECORDS = 500
# A file with no pictures is read here while it has no more bytes than this: sooner done than workers would start.
_SMALL_BYTES = MEBIBYTE
_CHUNK_BYTES = 4 * MEBIBYTE
_FINGERPRINT_BYTES = 1 << 16
_PICTURE_MARKS = (b'"base64"', b'"path"')
_PICTURE_KINDS = {"base64", "path"}
_PICTURE_CELLS = ("avatar", "avatar_path", "avatar_base64")


class WorkerLostError(ProblemError):
    """A process that read accounts died; what was stored before stays."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    slug = "import_worker_lost"
    title = "A process that read accounts died"

    def __init__(self) -> None:
        super().__init__(
            "A process that read accounts died, perhaps for want of memory. What was stored stays; import the file "
            "again and it goes on from there."
        )


Read = Observation | RejectedLine
Chunk = list[Raw]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import has come: records and bytes that are stored, bytes in all; records that earlier runs stored."""

    records_done: int
    bytes_done: int
    bytes_total: int
    records_before: int = 0


def import_file(
    path: Path,
    db: Database,
    settings: Settings,
    on_progress: Callable[[Progress], None] | None = None,
    *,
    workers: int | None = None,
) -> ImportResult:
    """Import the accounts of an NDJSON, JSON, CSV or Parquet file into the corpus of the settings.

    Avatars may be given by a file path relative to the file; it must stay inside the file's folder. `workers` is how
    many processes read accounts, make their keys and hash pictures (default: one a core). Raises `InvalidInputError`
    for a file that cannot be read or holds no accounts, `UnsupportedMediaError` for other kinds of files, and
    `WorkerLostError` where a process died.
    """
    if not path.is_file():
        raise InvalidInputError(f"There is no file {path.name} here.", slug="no_such_file")
    scope = Scope.of(settings)
    fingerprint, total = _fingerprint(path), path.stat().st_size
    done, result = _load_progress(db, scope, fingerprint)
    records = islice(read_file(path, _max_record(settings)), done, None)
    position = [0]

    def store(session: Session, taken: int, after: ImportResult) -> None:
        session.merge(_progress_row(scope, fingerprint, done + taken, after))

    def tell(taken: int) -> None:
        if on_progress is not None:
            on_progress(Progress(done + taken, position[0], total, done))

    readers = _Readers(settings, path.parent, workers or os.cpu_count() or 1, small=total <= _SMALL_BYTES)
    with readers, _seldom_collected():
        items = _numbered(readers.read(records), position)
        result = import_accounts(db, settings, items, result=result, checkpoint=store, on_batch=tell)
    if not done and not position[0]:
        raise InvalidInputError("The file holds no accounts.", slug="no_accounts")
    _forget_progress(db, scope, fingerprint)
    return result


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Look for cycles of garbage seldom: an import makes next to none, and a fifth of its time went there."""
    before = gc.get_threshold()
    gc.set_threshold(*_GARBAGE)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _max_record(settings: Settings) -> int:
    """A picture in base64, and room for all else."""
    return settings.max_photo_bytes * 4 // 3 + MEBIBYTE


def _numbered(read: Iterator[tuple[Raw, Read]], position: list[int]) -> Iterator[tuple[int, Read]]:
    for raw, item in read:
        position[0] = raw.end
        yield raw.line, item


def _fingerprint(path: Path) -> str:
    """Recognise a file that was not touched since: its size, its time of change, its beginning and its end."""
    facts = path.stat()
    digest = sha256(f"{facts.st_size}|{facts.st_mtime_ns}|".encode())
    with path.open("rb") as stream:
        digest.update(stream.read(_FINGERPRINT_BYTES))
        stream.seek(max(0, facts.st_size - _FINGERPRINT_BYTES))
        digest.update(stream.read(_FINGERPRINT_BYTES))
    return digest.hexdigest()


def _load_progress(db: Database, scope: Scope, fingerprint: str) -> tuple[int, ImportResult]:
    with db.read() as session:
        row = session.get(ImportRow, (scope.tenant, scope.corpus, fingerprint))
    if row is None:
        return 0, ImportResult()
    counts = {**row.result, "errors": [RejectedLine(**error) for error in row.result["errors"]]}
    return row.records, ImportResult(**counts)


def _progress_row(scope: Scope, fingerprint: str, records: int, result: ImportResult) -> ImportRow:
    return ImportRow(
        tenant_id=scope.tenant,
        corpus=scope.corpus,
        fingerprint=fingerprint,
        records=records,
        result=result.to_wire(),
        updated_at=utc_now(),
    )


def _forget_progress(db: Database, scope: Scope, fingerprint: str) -> None:
    with db.write() as session:
        session.execute(delete(ImportRow).where(scope.owns(ImportRow), ImportRow.fingerprint == fingerprint))


class _Readers(AbstractContextManager["_Readers"]):
    """Turns raw records into observations with their keys, in their order, in a pool of processes.

    A small file is read without one until the first picture is met.
    """

    def __init__(self, settings: Settings, folder: Path, workers: int, *, small: bool) -> None:
        self._settings = settings
        self._folder = folder
        self._workers = workers
        self._small = small
        self._pool: ProcessPoolExecutor | None = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def read(self, records: Iterator[Raw]) -> Iterator[tuple[Raw, Read]]:
        """Read records ahead of the consumer, but never more than two chunks a worker."""
        waiting: deque[tuple[Chunk, Callable[[], list[Read]]]] = deque()
        for chunk in _chunks(records):
            waiting.append((chunk, self._submit(chunk)))
            if len(waiting) > 2 * self._workers:
                yield from _collect(*waiting.popleft())
        while waiting:
            yield from _collect(*waiting.popleft())

    def _submit(self, chunk: Chunk) -> Callable[[], list[Read]]:
        task = partial(read_chunk, chunk, self._settings, self._folder)
        if self._workers == 1 or (self._small and not any(map(_holds_picture, chunk))):
            return task
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._workers, mp_context=multiprocessing.get_context("spawn"), initializer=_begin_worker
            )
        try:
            return partial(_await_result, self._pool, self._pool.submit(task))
        except BrokenProcessPool as error:
            raise WorkerLostError from error


def _await_result(pool: ProcessPoolExecutor, future: Future[list[Read]]) -> list[Read]:
    try:
        return await_answer(pool, future)
    except BrokenProcessPool as error:
        raise WorkerLostError from error


def _collect(chunk: Chunk, result: Callable[[], list[Read]]) -> Iterator[tuple[Raw, Read]]:
    return zip(chunk, result(), strict=True)


def _chunks(records: Iterator[Raw]) -> Iterator[Chunk]:
    chunk: Chunk = []
    size = weight = 0
    for record in records:
        chunk.append(record)
        size += _size(record)
        weight += _PLAIN_RECORDS // _CHUNK_RECORDS if _holds_picture(record) else 1
        if weight >= _PLAIN_RECORDS or size >= _CHUNK_BYTES:
            yield chunk
            chunk, size, weight = [], 0, 0
    if chunk:
        yield chunk


def _size(record: Raw) -> int:
    return measure_cells(record.content)


def _holds_picture(record: Raw) -> bool:
    content = record.content
    if isinstance(content, bytes):
        return any(mark in content for mark in _PICTURE_MARKS)
    avatar = content.get("avatar")
    if isinstance(avatar, dict):
        return not _PICTURE_KINDS.isdisjoint(avatar)
    return any(content.get(name) for name in _PICTURE_CELLS)


def _begin_worker() -> None:
    """Collect garbage seldom, and die with the importer."""
    gc.freeze()
    gc.set_threshold(*_GARBAGE)
    end_with_parent()


def read_chunk(chunk: Chunk, settings: Settings, folder: Path) -> list[Read]:
    """Read records of a file, hashing their pictures and making their keys; runs in a worker."""
    avatars, scope = AvatarFolder(folder, settings), Scope.of(settings)
    read = (_read_raw(raw, settings, avatars) for raw in chunk)
    return [with_keys(item, scope) if isinstance(item, Observation) else item for item in read]


def _read_raw(raw: Raw, settings: Settings, avatars: AvatarFolder) -> Read:
    if raw.fault is not None:
        return RejectedLine(raw.line, raw.fault)
    try:
        content = raw.content
        record = parse_line(raw.line, content) if isinstance(content, bytes) else cells_to_record(content)
    except ProblemError as error:
        return RejectedLine(raw.line, error.detail)
    return read_record(raw.line, record, settings, utc_now(), avatars.read)
