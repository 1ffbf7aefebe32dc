"""Accounts over HTTP: parse, call, return."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, cast

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from app.accounts.intake import read_json, read_ndjson
from app.accounts.observation import Observation, RejectedLine
from app.accounts.rows import account_to_wire
from app.accounts.schemas import AccountKeyIn, ErasedOut, ImportOut, StoredAccountOut
from app.accounts.scope import Scope
from app.accounts.service import EraseHook, delete_account, erase_now, get_account, import_accounts, lookup
from app.forms import media_type, refuse_encoded
from app.problems import UnsupportedMediaError
from app.settings import Settings
from app.storage import Database, utc_now

router = APIRouter(prefix="/v1", tags=["accounts"])

Reader = Callable[[bytes, Settings, datetime], Iterable[tuple[int, Observation | RejectedLine]]]
_READERS: dict[str, Reader] = {
    "application/json": read_json,
    "application/x-ndjson": read_ndjson,
    "application/ndjson": read_ndjson,
    "application/jsonl": read_ndjson,
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-ndjson": {"schema": {"type": "string", "description": "One account a line."}},
            "application/json": {
                "schema": {
                    "anyOf": [
                        {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/AccountIn"}},
                        {"$ref": "#/components/schemas/AccountIn"},
                    ]
                }
            },
        },
    }
}


def _settings(request: Request) -> Settings:
    return cast("Settings", request.app.state.settings)


def _database(request: Request) -> Database:
    return cast("Database", request.app.state.db)


def _reader(request: Request) -> Reader:
    kind = media_type(request)
    if kind not in _READERS:
        raise UnsupportedMediaError("Send one account a line as application/x-ndjson, or application/json.")
    refuse_encoded(request)
    return _READERS[kind]


@router.post("/accounts", operation_id="importAccounts", openapi_extra=_BODY)
async def post_accounts(request: Request) -> ImportOut:
    """Take accounts into the index: a JSON array, a single account, or one a line.

    Lines that cannot be taken in are listed with their reasons and never cost the others. An avatar's address is
    stored, not fetched.
    """
    read = _reader(request)
    body = await request.body()
    return await run_in_threadpool(_import, read, body, _database(request), _settings(request))


def _import(read: Reader, body: bytes, db: Database, settings: Settings) -> ImportOut:
    return ImportOut.model_validate(import_accounts(db, settings, read(body, settings, utc_now())).to_wire())


@router.get("/accounts/{id}", operation_id="readAccount")
def read_account(request: Request, id: str) -> StoredAccountOut:  # noqa: A002 - the name in the contract
    """Read a stored account."""
    with _database(request).read() as session:
        return account_to_wire(get_account(session, Scope.of(_settings(request)), id))


@router.delete("/accounts/{id}", operation_id="deleteAccount", status_code=204)
def remove_account(request: Request, id: str) -> None:  # noqa: A002 - the name in the contract
    """Delete an account from the index; a later import may bring it back (see erase)."""
    delete_account(_database(request), Scope.of(_settings(request)), id)


@router.post("/accounts/lookup", operation_id="lookupAccount")
def lookup_account(request: Request, wanted: AccountKeyIn) -> StoredAccountOut:
    """Find a stored account by its platform with its handle or stable id."""
    with _database(request).read() as session:
        return account_to_wire(lookup(session, Scope.of(_settings(request)), wanted.to_ref()))


@router.post("/accounts/erase", operation_id="eraseAccount")
def erase_account(request: Request, wanted: AccountKeyIn) -> ErasedOut:
    """Erase an account and what stored scans hold of it; later imports will pass it over."""
    hooks = cast("tuple[EraseHook, ...]", request.app.state.erase_hooks)
    erased = erase_now(_database(request), Scope.of(_settings(request)), wanted.to_ref(), hooks)
    return ErasedOut(accounts=erased.accounts, scans=erased.scans)
