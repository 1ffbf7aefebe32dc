"""What is done with stored subjects: add, import, read, list, change, erase. The same over HTTP and from a shell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.intake import check_record
from app.accounts.observation import RejectedLine
from app.accounts.scope import Scope
from app.accounts.service import MAX_REPORTED, batched
from app.problems import ConflictError, InvalidInputError, PreconditionFailedError
from app.settings import Settings
from app.storage import Database
from app.subjects import store
from app.subjects.models import SubjectRow
from app.subjects.rows import SUBJECT_FIELDS, Draft, draft_subject, subject_to_wire
from app.subjects.schemas import SubjectIn
from app.subjects.stored_schemas import StoredSubjectOut, SubjectEntryOut, SubjectImportOut, SubjectPage, SubjectPatch
from app.wire import decode_cursor, encode_cursor, matches_tag, validate

# Subjects written in one transaction; one with a photo brings 450 keys and 12 kB of hashes.
BATCH = 200
# A change is worked out anew where another one came between; more often than this somebody does nothing else.
ATTEMPTS = 5
# Reach what other features keep of a subject, in the transaction that erases it; each answers how many entries went.
SubjectHook = Callable[[Session, str], int]


@dataclass(slots=True)
class SubjectImport:
    """What an import of subjects did; `subjects` holds line and public id of those that are stored."""

    inserted: int = 0
    unchanged: int = 0
    rejected: int = 0
    subjects: list[tuple[int, str]] = field(default_factory=list)
    errors: list[RejectedLine] = field(default_factory=list)

    def reject(self, line: RejectedLine) -> None:
        """Count a line that was not taken in."""
        self.rejected += 1
        if len(self.errors) < MAX_REPORTED:
            self.errors.append(line)

    def to_wire(self) -> SubjectImportOut:
        """The result as it is answered."""
        return SubjectImportOut.model_validate(
            {
                "inserted": self.inserted,
                "unchanged": self.unchanged,
                "rejected": self.rejected,
                "subjects": [{"line": line, "id": public_id} for line, public_id in self.subjects],
                "errors": [{"line": error.line, "reason": error.reason} for error in self.errors],
            }
        )


class ProtectedSubjects:
    """The stored subjects of one corpus."""

    def __init__(self, database: Database, settings: Settings, hooks: Sequence[SubjectHook] = ()) -> None:
        self._database = database
        self._settings = settings
        self._scope = Scope.of(settings)
        self._hooks = tuple(hooks)

    def add(self, given: SubjectIn) -> tuple[StoredSubjectOut, bool]:
        """Store one subject; says whether it is new. Raises what `SubjectIn.to_subject` raises."""
        draft = self._draft(given)
        with self._database.write() as session:
            public_id, is_new = store.add_subjects(session, self._scope, [draft])[0]
        return self.read(public_id), is_new

    def import_all(self, items: Iterable[tuple[int, object]]) -> SubjectImport:
        """Take subjects in, in batches of one transaction each; a bad line never loses the good ones.

        What the result counts is committed.
        """
        result = SubjectImport()
        for batch in batched(items, BATCH):
            drafts = [(line, self._read(line, item)) for line, item in batch]
            good = [(line, draft) for line, draft in drafts if isinstance(draft, Draft)]
            with self._database.write() as session:
                stored = store.add_subjects(session, self._scope, [draft for _, draft in good])
            for _, draft in drafts:
                if isinstance(draft, RejectedLine):
                    result.reject(draft)
            for (line, _), (public_id, is_new) in zip(good, stored, strict=True):
                result.inserted += is_new
                result.unchanged += not is_new
                result.subjects.append((line, public_id))
        return result

    def _read(self, line: int, item: object) -> Draft | RejectedLine:
        return check_record(line, item, lambda given: self._draft(SubjectIn.model_validate(given)))

    def _draft(self, given: SubjectIn) -> Draft:
        return draft_subject(given.to_subject(self._settings, at=""), given, self._scope.key_space)

    def read(self, public_id: str) -> StoredSubjectOut:
        """A stored subject; raises `NotFoundError`."""
        with self._database.read() as session:
            return _show(session, store.find_subject(session, self._scope, public_id))

    def read_given(self, public_id: str) -> SubjectIn:
        """A stored subject as a request would give it, for a scan; raises `NotFoundError`.

        Raises `InvalidInputError` where today's rules refuse it, as after a change of the catalogue.
        """
        with self._database.read() as session:
            row = store.find_subject(session, self._scope, public_id)
            given = _to_wire(session, row)
        try:
            return SubjectIn.model_validate(given)
        except ValidationError:
            raise InvalidInputError(
                "The stored subject is not valid any more; change it with PATCH, or store it anew.",
                slug="subject_outdated",
            ) from None

    def list(self, limit: int, cursor: str | None) -> SubjectPage:
        """A page of subjects, the newest first; raises `InvalidInputError` for a cursor that is none of ours."""
        after = decode_cursor(cursor, _read_place) if cursor else None
        with self._database.read() as session:
            rows = store.list_subjects(session, self._scope, limit + 1, after)
            counts = store.count_photos(session, [row.id for row in rows])
        items = [_show_entry(row, counts.get(row.id, 0)) for row in rows[:limit]]
        return SubjectPage(items=items, next=encode_cursor(str(rows[limit - 1].id)) if len(rows) > limit else None)

    def change(self, public_id: str, patch: SubjectPatch, if_match: str | None = None) -> StoredSubjectOut:
        """Change a subject, by `if_match` only as the caller knows it (`entity_tag`).

        Raises `NotFoundError`, `PreconditionFailedError`, and for a bad change what `add` raises. What others change
        meanwhile is not lost without `if_match` either: a field that this change does not name stays as they left it.
        """
        for _ in range(ATTEMPTS):
            with self._database.read() as session:
                row = store.find_subject(session, self._scope, public_id)
                stored, seen = _to_wire(session, row), _show(session, row)
            _expect(seen, if_match)
            draft = self._draft(validate(SubjectIn, patch.apply(stored)))
            with self._database.write() as session:
                row = store.lock_subject(session, self._scope, public_id)
                if entity_tag(_show(session, row)) == entity_tag(seen):
                    store.change_subject(session, self._scope, row, draft)
                    session.flush()
                    return _show(session, row)
        raise ConflictError("Others change this subject all the time; try again.", slug="subject_busy")

    def erase(self, public_id: str, if_match: str | None = None) -> None:
        """Erase a subject with all that is derived from it.

        Raises `NotFoundError`, and `PreconditionFailedError` where it is not as the caller knows it.
        """
        with self._database.write() as session:
            row = store.lock_subject(session, self._scope, public_id)
            _expect(_show(session, row), if_match)
            store.erase_subject(session, self._scope, row)
            for hook in self._hooks:
                hook(session, public_id)


def entity_tag(shown: StoredSubjectOut) -> str:
    """The strong entity tag (RFC 9110, 8.8.3) of a subject as it is answered."""
    return f'"{blake2b(shown.model_dump_json().encode(), digest_size=16).hexdigest()}"'


def _expect(shown: StoredSubjectOut, if_match: str | None) -> None:
    if if_match is not None and not matches_tag(if_match, entity_tag(shown)):
        raise PreconditionFailedError("The subject is not as you know it any more; read it again, then change it.")


def _to_wire(session: Session, row: SubjectRow) -> dict[str, object]:
    columns = {name: getattr(row, name) for name in SUBJECT_FIELDS}
    return subject_to_wire(columns, list(store.read_photos(session, [row.id])[row.id].values()))


def _show(session: Session, row: SubjectRow) -> StoredSubjectOut:
    shown = {"id": row.public_id, "created_at": row.created_at, "updated_at": row.updated_at}
    return StoredSubjectOut.model_validate(shown | _to_wire(session, row))


def _show_entry(row: SubjectRow, photos: int) -> SubjectEntryOut:
    return SubjectEntryOut.model_validate(
        {
            "id": row.public_id,
            "names": row.names,
            "handles": [{"handle": one["text"], "platform": one["platform"]} for one in row.handles],
            "photos": photos,
            "own_accounts": [one["url"] for one in row.own_accounts],
            "created_at": row.created_at,
            "updated_at": row.updated_at,
        }
    )


def _read_place(told: bytes) -> int:
    """The row id of the last subject of a page."""
    row_id = int(told)
    if not 0 <= row_id < 1 << 63:
        raise ValueError("no row id")
    return row_id
