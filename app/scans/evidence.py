"""Evidence bundles of suspects: what a stored scan knows, with the pictures that were chosen, in one signed file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.scope import Scope
from app.accounts.service import lookup
from app.photos.fetching import fetch_photo
from app.problems import ConflictError, FieldError, InvalidInputError, NotFoundError
from app.reports.evidence.content import ComparisonRecord, judge_again
from app.reports.evidence.keys import SigningKey
from app.reports.evidence.making import GivenPicture, make_bundle
from app.reports.evidence.records import InputsRecord, subject_record
from app.scans import store
from app.scans.intake import stored_subject
from app.scans.models import FindingRow, ScanRow
from app.scans.views import decision_body, finding_pair
from app.settings import Settings
from app.storage import Database
from matchers.errors import InvalidProfileError
from matchers.model import VERSION
from matchers.profile import AccountRef

FETCH_FIELD = "/fetch_suspect_picture"
_GIVE_FILE = "Save the picture yourself and give the file."


@dataclass(frozen=True, slots=True)
class Choice:
    """The pictures to include: files, or for the suspect the picture at its address, to be fetched now."""

    subject_picture: bytes | None = None
    suspect_picture: bytes | None = None
    fetch_suspect_picture: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """A bundle, a name for the file, and the fingerprint of the key that signed it."""

    data: bytes
    file_name: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class _Found:
    about: dict[str, Any]
    inputs: InputsRecord
    picture_url: str | None
    suspect_id: str


class EvidenceService:
    """Makes bundles of suspects. Nothing of them is kept."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._scope = Scope.of(settings)

    def make(self, scan_id: str, suspect: str | int, choice: Choice = Choice()) -> Made:
        """The bundle of a suspect, named by its id, or by its rank as a number.

        Raises `NotFoundError`; `ConflictError` where the scan has not ended, or does not hold what is needed; what
        `app.photos` raises for pictures that cannot be read or fetched.
        """
        with self._database.read() as session:
            found = self._find(session, scan_id, suspect)
        pictures = self._collect(choice, found.picture_url)
        key = SigningKey.of(self._settings)
        data = make_bundle(found.about, found.inputs, pictures, key, self._settings)
        return Made(data, f"evidence-{found.suspect_id}.zip", key.fingerprint)

    def _find(self, session: Session, scan_id: str, suspect: str | int) -> _Found:
        scan = store.find_scan(session, self._scope, scan_id)
        if scan.finished_at is None:
            raise ConflictError("The scan has not finished yet; a bundle can be made once it has.")
        row = store.find_suspect(session, scan, suspect)
        told = row.inputs
        if told is None:
            raise ConflictError(
                "The scan was made by an earlier version, which did not keep what a bundle needs: scan again.",
                slug="scan_outdated",
            )
        inputs = _read_inputs(scan, row, told)
        _refuse_changed(inputs, row.body, decided=told["decided"])
        url = told["picture_url"] or self._indexed_picture(session, row)
        return _Found(_describe(session, scan, row, told), inputs, url, row.id)

    def _indexed_picture(self, session: Session, row: FindingRow) -> str | None:
        """The address under which the index knows the account's picture."""
        handle = row.body["account"].get("handle")
        if handle is None and row.account_id is None:
            return None
        try:
            return lookup(session, self._scope, AccountRef(row.platform, handle, row.account_id)).avatar_url
        except NotFoundError:
            return None

    def _collect(self, choice: Choice, url: str | None) -> list[GivenPicture]:
        found = []
        if choice.subject_picture is not None:
            found.append(GivenPicture("subject", choice.subject_picture))
        if choice.suspect_picture is not None:
            found.append(GivenPicture("suspect", choice.suspect_picture))
        elif choice.fetch_suspect_picture:
            if url is None:
                raise InvalidInputError(
                    f"No address is known for the picture of this account. {_GIVE_FILE}",
                    slug="no_picture_address",
                    errors=[FieldError(FETCH_FIELD, "no address is known")],
                )
            data = fetch_photo(url, self._settings, FETCH_FIELD, _GIVE_FILE)
            found.append(GivenPicture("suspect", data, url))
        return found


def _read_inputs(scan: ScanRow, row: FindingRow, told: Mapping[str, Any]) -> InputsRecord:
    shown = {name: value for name, value in row.body["account"].items() if name != "profile_url"}
    try:
        return InputsRecord.model_validate(
            {
                "subject": {**subject_record(stored_subject(scan.request)), **told["learned"]},
                "account": {**shown, **told["account"]},
                "world": told["world"],
                "pixels": told["pixels"],
            }
        )
    except ValidationError as fault:
        raise ConflictError("What the scan holds cannot be read any more: scan again.", slug="scan_outdated") from fault


def _refuse_changed(inputs: InputsRecord, body: Mapping[str, Any], *, decided: bool) -> None:
    """A bundle that nobody could judge to the same result, although the model is the same, is not given out."""
    recorded = ComparisonRecord.model_validate(body)
    if recorded.model != VERSION:
        return
    try:
        same = judge_again(inputs, recorded, decided=decided).same_result
    except InvalidProfileError:
        same = False
    if not same:
        raise ConflictError(
            "Judged again, the account has another score than in this scan: scan again.", slug="scan_outdated"
        )


def _describe(session: Session, scan: ScanRow, row: FindingRow, told: Mapping[str, Any]) -> dict[str, Any]:
    decisions = store.load_decisions(session, Scope(scan.corpus, scan.tenant_id), scan.subject_key)
    _, decision = finding_pair(row, decisions.get(store.finding_key(row)))
    known = decision_body(decision) or {}
    body = row.body
    about = {
        "scan": {
            "id": scan.id,
            "suspect_id": row.id,
            "created_at": scan.created_at.isoformat(),
            "finished_at": scan.finished_at.isoformat() if scan.finished_at else None,
        },
        "sources": body["sources"],
        "observed_at": told["observed_at"],
        "profile_url": body["account"].get("profile_url"),
        "comparison": {name: body[name] for name in ComparisonRecord.model_fields},
        "decided": told["decided"],
        "decision": {name: value for name, value in known.items() if name != "note"} or None,
    }
    return {name: value for name, value in about.items() if value is not None}
