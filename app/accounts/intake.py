"""From a line, or an element of an array, to an observation; whatever is wrong with it becomes its reason."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from io import BytesIO
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json

from app.accounts.observation import Observation, RejectedLine, observe
from app.accounts.schemas import AccountIn
from app.problems import InvalidInputError, ProblemError, say_invalid
from app.settings import Settings

# Faults of one line that are named; more would not help anyone.
_MAX_FAULTS = 3
# Turns the avatar of a record as it was written into one of the wire; raises `ProblemError`.
AvatarReader = Callable[[dict[str, Any]], dict[str, Any]]
Checked = TypeVar("Checked")


def read_record(
    line: int, record: object, settings: Settings, now: datetime, read_avatar: AvatarReader | None = None
) -> Observation | RejectedLine:
    """Check one account and hash its picture; a `RejectedLine` is passed on."""

    def read(given: dict[str, Any]) -> Observation:
        wire = given if read_avatar is None else read_avatar(given)
        return observe(AccountIn.model_validate(wire), settings, now)

    return check_record(line, record, read)


def check_record(line: int, record: object, read: Callable[[dict[str, Any]], Checked]) -> Checked | RejectedLine:
    """Make of a record what `read` makes of it; the reason where it cannot. A `RejectedLine` is passed on."""
    if isinstance(record, RejectedLine):
        return record
    if not isinstance(record, dict):
        return RejectedLine(line, "is not a JSON object")
    try:
        return read(record)
    except ValidationError as error:
        return RejectedLine(line, describe_faults(error))
    except ProblemError as error:
        return RejectedLine(line, error.detail)


def parse_line(line: int, text: bytes) -> object | RejectedLine:
    """Parse one line of JSON."""
    try:
        parsed: object = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        return RejectedLine(line, f"is not JSON: {error}")
    return parsed


def describe_faults(error: ValidationError) -> str:
    """Say in one line what is wrong with an account."""
    faults: list[str] = []
    for fault in error.errors(include_url=False, include_context=False, include_input=False)[:_MAX_FAULTS]:
        where = ".".join(str(part) for part in fault["loc"])
        what = say_invalid(fault["msg"])
        faults.append(f"{where}: {what}" if where else what)
    return "; ".join(faults)


def read_ndjson(body: bytes, settings: Settings, now: datetime) -> Iterator[tuple[int, Observation | RejectedLine]]:
    """Read accounts, one a line; empty lines are passed over. Raises `InvalidInputError` where no line is JSON."""
    return ((line, read_record(line, parsed, settings, now)) for line, parsed in read_lines(body, "account"))


def read_lines(body: bytes, noun: str) -> Iterator[tuple[int, object]]:
    """Read JSON, one `noun` a line, a bad line as `RejectedLine`; raises `InvalidInputError` where no line is JSON."""
    good = False
    bad: list[RejectedLine] = []
    for line, text in enumerate(BytesIO(body.removeprefix(BOM_UTF8)), start=1):
        if not text.strip():
            continue
        parsed = parse_line(line, text)
        if good or not isinstance(parsed, RejectedLine):
            good = True
            yield from ((earlier.line, earlier) for earlier in bad)
            bad.clear()
            yield line, parsed
        else:
            bad.append(parsed)
    if not good:
        raise InvalidInputError(f"The body holds no line of JSON; send one {noun} a line.", slug=f"no_{noun}s")


def read_json(body: bytes, settings: Settings, now: datetime) -> Iterable[tuple[int, Observation | RejectedLine]]:
    """Read a JSON array of accounts, or a single one. Raises `InvalidInputError` where it is not JSON."""
    parsed = parse_json(body)
    if not isinstance(parsed, list | dict) or not parsed:
        raise InvalidInputError("Send an account, or an array of accounts.", slug="no_accounts")
    records = parsed if isinstance(parsed, list) else [parsed]
    return ((line, read_record(line, record, settings, now)) for line, record in enumerate(records, start=1))


def parse_json(body: bytes) -> object:
    """Parse a body of JSON; raises `InvalidInputError`."""
    try:
        parsed: object = from_json(body.removeprefix(BOM_UTF8), allow_inf_nan=False)
    except ValueError as error:
        raise InvalidInputError(f"The body is not JSON: {error}", slug="not_json") from None
    return parsed
