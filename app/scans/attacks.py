"""What impostors would do with a handle and a photo, and whether each would be found and judged a suspect.

Nobody is asked and nothing is stored: the accounts exist in memory, and are judged as if they had been found.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from app.accounts.retrieval import is_findable
from app.accounts.scope import Scope
from app.accounts.sweep import finds_picture
from app.photos.alterations import Alteration, alter_all
from app.photos.hashing import account_photo
from app.photos.intake import decode
from app.photos.schemas import PhotoIn
from app.problems import UnavailableError
from app.reports.comparison import comparison_body
from app.scans.intake import fold_account
from app.scans.runner import make_world
from app.scans.schemas import AttackKind, AttackOut, AttacksOut
from app.settings import Settings
from app.subjects.schemas import SubjectIn
from app.subjects.service import list_handles, list_subject_lookalikes, subject_body
from matchers.model import Comparison, judge
from matchers.pixels import PixelMatch
from matchers.profile import Account, Photo, Subject
from matchers.world import World

if TYPE_CHECKING:
    from app.photos.keypoints import Pixels

# Accounts of an index in which a copy is looked for: what it must share grows with that.
INDEX_SIZE = 1_000_000
# A name that is nobody's, and says nothing of the person.
OTHER_NAME, OTHER_HANDLE = "Quentin Zolder", "qzolder.77"
ANYWHERE = "unknown"


# Tried at once, each of them some tenths of a second of one core; and how long others wait for their turn, seconds.
AT_ONCE = 2
PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class _Try:
    """An account that an impostor would make; `picture` is the file that it would wear."""

    kind: AttackKind
    told: str
    account: Account
    imitates: str | None = None
    change: str | None = None
    picture: bytes | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What was tried, and the changed photos as small JPEG files by the name of the change."""

    body: AttacksOut
    pictures: Mapping[str, bytes]


class AttackService:
    """Tries attacks for those who ask over the network: off the event loop, and few at once."""

    def __init__(self, settings: Settings, at_once: int = AT_ONCE, patience: float = PATIENCE) -> None:
        """`patience` is how long a request waits for its turn, in seconds."""
        self._settings = settings
        self._slots = asyncio.Semaphore(at_once)
        self._patience = patience

    async def try_all(self, given: SubjectIn, photo: bytes | None, limit: int) -> Tried:
        """As `try_with_pictures`; raises `UnavailableError` too, where too many others are served."""
        try:
            await asyncio.wait_for(self._slots.acquire(), self._patience)
        except TimeoutError as error:
            headers = {"Retry-After": "5"}
            raise UnavailableError(
                "Too many others ask for this now; try again in a moment.", headers=headers
            ) from error
        try:
            return await asyncio.to_thread(try_with_pictures, given, photo, self._settings, limit)
        finally:
            self._slots.release()


def try_attacks(given: SubjectIn, photo: bytes | None, settings: Settings, limit: int) -> AttacksOut:
    """Try what impostors do; `limit` bounds the lookalikes of each handle. `photo` is the picture file.

    Raises what `SubjectIn.to_subject` and `app.photos` raise.
    """
    return try_with_pictures(given, photo, settings, limit).body


def try_with_pictures(given: SubjectIn, photo: bytes | None, settings: Settings, limit: int) -> Tried:
    """As `try_attacks`, with the changed photos."""
    if photo is not None:
        given = given.model_copy(update={"photo": PhotoIn(base64=base64.b64encode(photo).decode())})
    subject = given.to_subject(settings, at="")
    changed = [] if photo is None else list(alter_all(photo, settings))
    judgement = _Judgement(subject, photo, settings)
    attacks = [judgement.judge(one) for one in _list_tries(subject, changed, settings, limit)]
    state = subject_body(subject, World(population=settings.population))["photo"]
    caught = sum(one.caught for one in attacks)
    body = AttacksOut(attacks=attacks, tried=len(attacks), caught=caught, photo=state)
    return Tried(body, {alteration.name: picture for alteration, picture in changed})


def _list_tries(
    subject: Subject, changed: Sequence[tuple[Alteration, bytes]], settings: Settings, limit: int
) -> Iterator[_Try]:
    name = next(iter(subject.names), None)
    places = [handle.platform for handle in list_handles(subject)]
    platform = next(filter(None, places), ANYWHERE)
    lookalikes = list_subject_lookalikes(subject, limit)
    for one in lookalikes:
        account = Account(platform=one.platform or ANYWHERE, handle=one.handle, display_name=name)
        yield _Try("handle", one.summary, account, one.imitates)
    if name is not None:
        plain = Account(platform=platform, handle=OTHER_HANDLE, display_name=name)
        yield _Try("name", "your name alone, with a handle that has nothing of yours", plain)
    handle = lookalikes[0].handle if lookalikes else OTHER_HANDLE
    worn = Account(platform=platform, handle=handle, display_name=name)
    stolen = Account(platform=platform, handle=OTHER_HANDLE, display_name=OTHER_NAME)
    for alteration, picture in changed:
        avatar = account_photo(decode(picture, settings))
        told, change = alteration.told, alteration.name
        if name is not None or lookalikes:
            yield _Try("copy", told, replace(worn, avatar=avatar), change=change, picture=picture)
        yield _Try("photo", told, replace(stolen, avatar=avatar), change=change, picture=picture)


class _Judgement:
    """Finds and judges as a scan does: first by hashes, which an index has, then with both pictures at hand."""

    def __init__(self, subject: Subject, photo: bytes | None, settings: Settings) -> None:
        self._subject = subject
        self._photo = photo
        self._settings = settings
        self._world = make_world(settings)
        self._space = Scope.of(settings).key_space

    def judge(self, one: _Try) -> AttackOut:
        """Tell what would become of an account."""
        account = fold_account(one.account)
        found = self._finds(account)
        compared = judge(self._subject, account, self._world)
        needs_picture = False
        if not compared.is_suspect and one.picture is not None:
            seen = judge(self._subject, account, self._world, self._lay_over(one.picture))
            needs_picture = seen.is_suspect
            compared = seen if needs_picture else compared
        body = comparison_body(compared)
        return AttackOut.model_validate(
            {
                **{name: body[name] for name in ("probability", "bits", "verdict", "evidence")},
                "kind": one.kind,
                "told": one.told,
                "platform": account.platform,
                "handle": account.handle,
                "name": account.display_name,
                "imitates": one.imitates,
                "change": one.change,
                "found": found,
                "needs_picture": needs_picture,
                "caught": found and compared.is_suspect,
                "reason": _main_reason(compared),
            }
        )

    def _finds(self, account: Account) -> bool:
        return is_findable(self._subject, account, self._space, INDEX_SIZE) or _wears(self._subject, account.avatar)

    def _lay_over(self, picture: bytes) -> PixelMatch | None:
        from app.photos.keypoints import SIDE, make_pixels, verify_best  # noqa: PLC0415  # OpenCV is large

        if self._own is None:
            return None
        return verify_best([self._own], make_pixels(decode(picture, self._settings, side=SIDE)))

    @cached_property
    def _own(self) -> Pixels | None:
        """The photo itself, made ready once: decoding a large one takes longer than all else together."""
        from app.photos.keypoints import SIDE, make_pixels  # noqa: PLC0415  # as above

        if self._photo is None:
            return None
        return make_pixels(decode(self._photo, self._settings, side=SIDE), mirror=True)


def _wears(subject: Subject, avatar: Photo | None) -> bool:
    return avatar is not None and finds_picture(subject.photos, avatar)


def _main_reason(compared: Comparison) -> str | None:
    """The sentence that says most for a copy; None where nothing does."""
    best = max(compared.evidence, key=lambda item: item.bits, default=None)
    return best.summary if best is not None and best.bits > 0 else None
