"""What can be said of a subject before any search: how unique the name is, whether the photo serves, which handles
an impostor might take.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from app.platforms.catalogue import load_catalogue, plain_key
from app.platforms.syntax import syntax_of
from app.settings import Settings
from app.storage import utc_now
from app.subjects.schemas import LookalikeOut, PreviewOut, SubjectIn
from matchers.lookalikes import lookalikes
from matchers.names import estimate_sharers
from matchers.photos import photo_usable
from matchers.profile import Handle, Subject
from matchers.world import World

# Up to this many people who share a name, the name says who is meant, or nearly so.
RARE = 3
FEW = 100
# Lookalikes are listed for this many handles; nobody reads more.
MAX_HANDLES = 20


def preview_subject(given: SubjectIn, settings: Settings, limit: int) -> PreviewOut:
    """Tell what is known before any search; `limit` bounds the lookalikes of each handle.

    Raises what `SubjectIn.to_subject` raises.
    """
    subject = given.to_subject(settings, at="")
    summary = subject_body(subject, World(population=settings.population))
    return PreviewOut.model_validate(
        {
            **summary,
            "name_note": note_name(summary),
            "lookalikes": list_subject_lookalikes(subject, limit),
        }
    )


def subject_body(subject: Subject, world: World) -> dict[str, Any]:
    """How many people share the name, and whether the photo can be compared, as JSON."""
    sharers = [asdict(estimate_sharers(name, world)) for name in subject.names]
    states = [photo_usable(photo) for photo in subject.photos]
    usable = any(ok for ok, _ in states)
    reason = None if usable or not states else states[0][1]
    return {
        "name_sharers": min(sharers, key=lambda s: s["estimate"]) if sharers else None,
        "photo": {"usable": usable, "reason": reason} if states else None,
    }


def note_name(summary: dict[str, Any]) -> str | None:
    """Say in one sentence what the name proves by itself; None without a name."""
    sharers, photo = summary["name_sharers"], summary["photo"]
    if sharers is None:
        return None
    count = sharers["estimate"]
    if count <= RARE:
        return "Hardly anybody else has this name: an account that shows it deserves a look"
    proves = "little" if count <= FEW else "nothing"  # said
    if photo is None:
        needed = "a photo would help to tell a copy from a namesake"
    elif photo["usable"]:
        needed = "the photo will matter"
    else:
        needed = "a photo that can be compared would help"
    return f"About {count:,} people share this name: the name alone proves {proves}, {needed}"


def list_handles(subject: Subject) -> list[Handle]:
    """The subject's handles and those of the own accounts, each once and with its platform where that is known."""
    own = [Handle(ref.handle, ref.platform) for ref in subject.own_accounts if ref.handle]
    once = {_key(handle): handle for handle in (*subject.handles, *own)}
    placed = {plain_key(handle.text) for handle in once.values() if handle.platform}
    found = [handle for handle in once.values() if handle.platform or plain_key(handle.text) not in placed]
    return found[:MAX_HANDLES]


def list_subject_lookalikes(subject: Subject, limit: int) -> list[LookalikeOut]:
    """What may be taken for the subject's handles, handle by handle, at most `limit` of each."""
    return [item for own in list_handles(subject) for item in _list_lookalikes(own, subject, limit)]


def _key(handle: Handle) -> tuple[str | None, str]:
    return handle.platform, load_catalogue().handle_key(handle.platform, handle.text)


def _list_lookalikes(own: Handle, subject: Subject, limit: int) -> Iterator[LookalikeOut]:
    """The lookalikes of one handle, without those that are the subject's own."""
    mine = {handle for _, handle in map(_key, list_handles(subject))}
    syntax = syntax_of(own.platform, utc_now().year)
    found = lookalikes(own.text, own.platform, limit + len(mine), syntax, subject.names)
    others = [one for one in found if _key(Handle(one.handle, own.platform))[1] not in mine]
    for one in others[:limit]:
        yield LookalikeOut(
            handle=one.handle, platform=own.platform, imitates=own.text, kind=one.kind, summary=one.summary
        )
