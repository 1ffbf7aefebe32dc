"""One page that shows a comparison to people: escaped, without script, and asking nothing of any server."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from app.platforms.catalogue import load_catalogue
from app.reports.evidence.content import Content, PictureRecord
from app.reports.evidence.differences import Comparison, Piece, compare_nearest, show
from app.reports.evidence.records import AccountRecord, SubjectRecord

MAX_BIO = 200
MAX_SENTENCE = 400
MAX_FACT = 200
MAX_EVIDENCE = 12
_Text = tuple[Piece, ...]
_Facts = list[tuple[str, _Text]]

_TITLES = {
    "clone": "Suspected clone of a person's account",
    "lookalike": "Account suspected of being made to be mistaken for a person",
    "photo_reuse": "A person's photo suspected under another name",
}
_VERDICTS = {
    "clone": "a suspected clone",
    "lookalike": "a suspected lookalike",
    "photo_reuse": "suspected reuse of a photo",
    "namesake": "taken for a namesake",
    "fan_or_parody": "taken for a fan or parody account",
    "own_account": "taken for the person's own account",
    "unrelated": "taken for unrelated",
}
_SIGNALS = {"bio": "biography", "deception": "disguised letters", "context": "circumstances"}


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two profiles, ready to be shown."""

    name: _Text | None
    handle: _Text | None
    platform: _Text | None
    picture: str | None
    no_picture: str
    facts: _Facts


@lru_cache(maxsize=1)
def _template() -> Environment:
    return Environment(
        loader=PackageLoader("app.reports.evidence", "."),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
    )


@lru_cache(maxsize=1)
def _style() -> tuple[str, str]:
    """The style sheet, and the policy of the page: this style, pictures within the page, nothing else."""
    css = resources.files("app.reports.evidence").joinpath("page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    return css, policy


def render_page(content: Content, pictures: Mapping[str, bytes], fingerprint: str) -> bytes:
    """The page of a bundle; `pictures` holds the members of `content.pictures` by their names."""
    subject, account = content.inputs.subject, content.inputs.account
    name = compare_nearest(subject.names, account.display_name)
    handle = compare_nearest([one.text for one in subject.handles], account.handle)
    changes = [*_rows("name", name), *_rows("user name", handle)]
    css, policy = _style()
    html = (
        _template()
        .get_template("page.html")
        .render(
            css=Markup(css),  # noqa: S704 - our own style sheet
            policy=policy,
            title=_TITLES.get(content.comparison.verdict, "Comparison of a person with an account"),
            lead=f"Put together on {_date(content.created_at)} by {content.generator}",
            chance=_say_chance(content.comparison.probability),
            verdict=_VERDICTS[content.comparison.verdict],
            subject=_show_subject(subject, name, handle, _picture(content, "subject", pictures)),
            suspect=_show_account(account, name, handle, _picture(content, "suspect", pictures), content),
            changes=changes,
            unlisted=sum(one.unlisted for one in (name, handle) if one),
            distances=_list_distances(content),
            evidence=_list_evidence(content),
            prior=f"{content.comparison.prior_bits:+.1f}",
            notes=_list_notes(content),
            record=_list_record(content),
            pictures=_list_pictures(content),
            fingerprint=_group(fingerprint),
        )
    )
    return html.encode()


def _rows(where: str, compared: Comparison | None) -> list[dict[str, str]]:
    changes = compared.changes if compared else ()
    return [
        {"where": where, "own": _list_names(one.own_names), "other": _list_names(one.other_names)} for one in changes
    ]


def _list_names(names: Sequence[str]) -> str:
    return ", ".join(names) or "(nothing)"


def _show_subject(
    subject: SubjectRecord, name: Comparison | None, handle: Comparison | None, picture: str | None
) -> _Side:
    first = name.own_text if name else next(iter(subject.names), None)
    closest = handle.own_text if handle else None
    shown = next((one for one in subject.handles if closest in (None, one.text)), None)
    facts: _Facts = []
    _add(facts, "Also named", ", ".join(one for one in subject.names if one != first))
    _add(facts, "User names", ", ".join(one.text for one in subject.handles if one is not shown))
    _add(
        facts,
        "Own accounts",
        ", ".join(f"{one.platform} {one.handle or one.account_id}" for one in subject.own_accounts),
    )
    _add(facts, "Since", _date(subject.created_at) if subject.created_at else None)
    _add(facts, "Links", ", ".join(subject.links))
    _add(facts, "Biography", subject.bio, MAX_BIO)
    return _Side(
        name=name.own if name else _short(first),
        handle=handle.own if handle else _short(shown.text if shown else None),
        platform=show(_platform(shown.platform)) if shown and shown.platform else None,
        picture=picture,
        no_picture="Photo compared by its hashes; not included" if subject.photos else "No photo given",
        facts=facts,
    )


def _show_account(
    account: AccountRecord, name: Comparison | None, handle: Comparison | None, picture: str | None, content: Content
) -> _Side:
    facts: _Facts = []
    _add(facts, "Address", content.profile_url, 300)
    _add(facts, "Account id", account.account_id)
    _add(facts, "Made on", _date(account.created_at) if account.created_at else None)
    counts = ((account.followers, "followers"), (account.following, "following"), (account.posts, "posts"))
    _add(facts, "Counts", ", ".join(f"{count:,} {label}" for count, label in counts if count is not None))
    marks = [label for label, is_so in (("verified", account.verified), ("protected", account.protected)) if is_so]
    _add(facts, "Marks", ", ".join([*marks, *account.labels]))
    _add(facts, "Links", ", ".join(link.url for link in account.links))
    _add(facts, "Biography", account.bio, MAX_BIO)
    return _Side(
        name=name.other if name else _short(account.display_name),
        handle=handle.other if handle else _short(account.handle),
        platform=show(_platform(account.platform)),
        picture=picture,
        no_picture="Picture compared by its hashes; not included" if account.avatar else "No picture known",
        facts=facts,
    )


def _short(text: str | None) -> _Text | None:
    return show(text[:MAX_FACT], cut=len(text) > MAX_FACT) if text else None


def _add(facts: _Facts, label: str, told: str | None, limit: int = MAX_FACT) -> None:
    if not told:
        return
    text = show(told[:limit])
    if len(told) > limit:
        text = (*text, Piece(f" … ({len(told):,} characters in all)"))
    facts.append((label, text))


def _picture(content: Content, side: Literal["subject", "suspect"], pictures: Mapping[str, bytes]) -> str | None:
    member = next((one.member for one in content.pictures if one.side == side), None)
    return f"data:image/jpeg;base64,{base64.b64encode(pictures[member]).decode()}" if member else None


def _list_distances(content: Content) -> list[tuple[str, str]]:
    found, told = content.distances, []
    if found.photo is not None:
        same = found.photo.of - found.photo.bits
        told.append(("Photos", f"{same} of {found.photo.of} bits of the nearest hashes agree (strangers: about half)"))
    for label, one in (("Name", found.name), ("User name", found.handle)):
        if one is not None:
            looks = one.edits_seen <= one.edits / 2 and one.edits > 0
            seen = f"; {one.edits_seen or 'none'} once lookalike characters count as one" if looks else ""
            told.append((label, f"{one.edits} {'character differs' if one.edits == 1 else 'characters differ'}{seen}"))
    return told


def _list_evidence(content: Content) -> list[dict[str, Any]]:
    listed = content.comparison.evidence[:MAX_EVIDENCE]
    return [
        {
            "sign": "+" if one.bits > 0 else "−",
            "summary": show(one.summary[:MAX_SENTENCE], cut=len(one.summary) > MAX_SENTENCE),
            "bits": f"{one.bits:+.1f}",
        }
        for one in listed
    ]


def _list_notes(content: Content) -> list[_Text]:
    comparison, decision, notes = content.comparison, content.decision, []
    if comparison.hinges_on is not None:
        signal = _SIGNALS.get(comparison.hinges_on.signal, comparison.hinges_on.signal)
        notes.append(
            f"The verdict hangs on the {signal}: without it, {_VERDICTS[comparison.hinges_on.verdict_without]}."
        )
    if comparison.declares_parody:
        notes.append("It says somewhere that it is a parody or fan account, but may still be taken for the person.")
    if decision is not None:
        since = "; the account has changed since" if decision.reopened else ""
        notes.append(f"The word of a person, on {_date(decision.decided_at)}: {_VERDICTS[decision.verdict]}{since}.")
    return [show(note[:MAX_SENTENCE]) for note in notes]


def _list_record(content: Content) -> _Facts:
    facts: _Facts = []
    _add(facts, "Found in", ", ".join(content.sources))
    _add(facts, "Seen so on", _moment(content.observed_at) if content.observed_at else None)
    _add(facts, "Compared on", _moment(content.scan.finished_at or content.scan.created_at))
    _add(
        facts,
        "Judged by",
        f"model {content.comparison.model}, scan {content.scan.id}, suspect {content.scan.suspect_id}",
    )
    return facts


def _list_pictures(content: Content) -> _Facts:
    facts: _Facts = []
    for picture in content.pictures:
        _add(facts, "Of the person" if picture.side == "subject" else "Of the account", _origin(picture), 500)
    return facts


def _origin(picture: PictureRecord) -> str:
    came = f"fetched from {picture.url}" if picture.origin == "fetched" else "given as a file"
    is_it = {
        True: "the one that was compared",
        False: "NOT the one that was compared",
        None: "nothing to compare it with",
    }
    apart = "" if picture.distance is None else f", {picture.distance} of 256 bits apart"
    return f"{came} on {_moment(picture.obtained_at)}; {is_it[picture.compared]}{apart}; SHA-256 {picture.sha256}"


def _platform(name: str) -> str:
    known = load_catalogue().get(name)
    return known.name if known else name


def _say_chance(probability: float) -> str:
    if probability >= 0.995:
        return "over 99 in 100"
    return "under 1 in 100" if probability < 0.005 else f"{round(probability * 100)} in 100"


def _date(moment: datetime) -> str:
    day = moment.astimezone(UTC)
    return f"{day.day} {day:%B %Y}"


def _moment(moment: datetime) -> str:
    return f"{_date(moment)}, {moment.astimezone(UTC):%H:%M} UTC"


def _group(fingerprint: str) -> str:
    return " ".join(fingerprint[at : at + 8] for at in range(0, len(fingerprint), 8))
