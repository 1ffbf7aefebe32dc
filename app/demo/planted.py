"""The accounts around the demo's invented person, one for each thing that a scan has to tell apart."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from PIL import Image

from app.demo.default_avatars import draw_default_avatar
from app.demo.pictures import wear
from app.demo.population import WireAccount, days_ago
from app.demo.portraits import draw_portrait, encode_jpeg, invent_look
from app.photos.alterations import add_ring, crop, mirror

NAME = "Marisol Kellner"
HANDLE = "marisolkellner"
PLATFORM = "x"
BIO = "Marine biologist in Graz who misses the sea. Writes about eels, sings alto, collects ferry timetables."
OWN_ACCOUNTS = ("https://x.com/marisolkellner", "https://www.instagram.com/marisol.kellner/")
_PHOTO_SEED = "marisol kellner 1"
_LOOK_SEED = "marisol:45"


@dataclass(frozen=True, slots=True)
class Planted:
    """An account with the verdict that it ought to get, and what was done to make it."""

    verdict: str
    how: str
    account: WireAccount


def draw_photo() -> Image.Image:
    """Draw the invented person's profile photo."""
    return draw_portrait(_PHOTO_SEED, invent_look(_LOOK_SEED))


def plant_all(rng: random.Random, today: date) -> Iterator[Planted]:
    """Make every planted account."""
    photo = draw_photo()
    for plant in (*_plant_clones(photo, today), *_plant_photo_thefts(photo, today), *_plant_lookalikes(today)):
        yield _complete(rng, plant)
    for plant in (*_plant_others(today), *_plant_declared(photo, today), *_plant_own(photo, today)):
        yield _complete(rng, plant)


def _complete(rng: random.Random, plant: Planted) -> Planted:
    counts = {"account_id": str(rng.randrange(10**8, 10**17)), "following": rng.randint(5, 900), "source": "demo"}
    return Planted(plant.verdict, plant.how, {**counts, "followers": rng.randint(0, 400), **plant.account})


def _account(platform: str, handle: str, name: str, created_at: str, bio: str | None = None) -> WireAccount:
    told: WireAccount = {"platform": platform, "handle": handle, "display_name": name, "created_at": created_at}
    return told if bio is None else {**told, "bio": bio}


def _plant_clones(photo: Image.Image, today: date) -> Iterator[Planted]:
    copied = _account("x", "marisolkeIlner", NAME, days_ago(today, 6), BIO)
    yield Planted(
        "clone", "capital I for l, photo and biography copied", wear(copied, encode_jpeg(photo.resize((200, 200)), 60))
    )
    digits = _account("instagram", "marisolkellner84", NAME, days_ago(today, 20))
    yield Planted("clone", "photo mirrored, digits added to the handle", wear(digits, mirror(photo)))
    affix = _account("tiktok", "real.marisolkellner", NAME, days_ago(today, 12), "My only real account")
    yield Planted("clone", "photo cropped by 15 %, handle with “real”", wear(affix, crop(photo, 0.15)))
    cyrillic = _account("facebook", "marisol.kellner.page", "Маrisоl Kellner", days_ago(today, 2))
    yield Planted(
        "clone", "ring around the photo, Cyrillic letters in the name", wear(cyrillic, add_ring(photo, "teal"))
    )


def _plant_photo_thefts(photo: Image.Image, today: date) -> Iterator[Planted]:
    dating = _account(
        "instagram", "jess.waters.92", "Jessica Waters", days_ago(today, 15), "Single, looking for love 💕"
    )
    yield Planted("photo_reuse", "the same photo under another name", wear(dating, encode_jpeg(photo, 70)))
    trader = _account("facebook", "dr.brandt.invest", "Dr. Elena Brandt", days_ago(today, 40), "Crypto mentor. DM me.")
    yield Planted(
        "photo_reuse", "the photo mirrored and cropped under another name", wear(trader, crop(mirror(photo), 0.1))
    )


def _plant_lookalikes(today: date) -> Iterator[Planted]:
    letters = _account("x", "rnarisolkellner", NAME, days_ago(today, 3))
    yield Planted(
        "lookalike", "rn for m in the handle, default avatar", wear(letters, draw_default_avatar("egg", "MK"))
    )
    official = _account("instagram", "marisolkelIner", "Marisol KeIlner", days_ago(today, 9))
    yield Planted("lookalike", "swapped letters in handle and name, no picture", official)


def _plant_others(today: date) -> Iterator[Planted]:
    nurse = _account("facebook", "mkellner.nurse", NAME, days_ago(today, 3300), "Nurse in Tucson. Yoga, tattoos, dogs.")
    yield Planted("namesake", "same name, other face", wear(nurse, draw_portrait("namesake 1")))
    student = _account("instagram", "mari_k_2004", NAME, days_ago(today, 1500), "Student | K-pop | Lima")
    yield Planted("namesake", "same name, other face", wear(student, draw_portrait("namesake 2")))
    brother = _account(
        "instagram", "tomaskellner", "Tomás Kellner", days_ago(today, 2500), "Carpenter. Dad jokes included."
    )
    yield Planted("unrelated", "a relative: same surname, other face", wear(brother, draw_portrait("relative 1")))
    sister = _account(
        "x", "lkellner", "Lucía Kellner", days_ago(today, 2900), "Translator in Graz. Chess, cinema, cats."
    )
    yield Planted("unrelated", "a relative: same surname, other face", wear(sister, draw_portrait("relative 2")))


def _plant_declared(photo: Image.Image, today: date) -> Iterator[Planted]:
    parody = _account(
        "x", "notmarisol", "Marisol Kellner (parody)", days_ago(today, 300), "Parody. Eels write my posts."
    )
    yield Planted("fan_or_parody", "says that it is a parody, with the photo", wear(parody, encode_jpeg(photo, 75)))
    fans = _account(
        "instagram", "marisolkellner.fans", "Marisol Kellner Fan Page", days_ago(today, 700), "Fan page, not her"
    )
    yield Planted("fan_or_parody", "says that it is a fan page, with the photo", wear(fans, crop(photo, 0.05)))


def _plant_own(photo: Image.Image, today: date) -> Iterator[Planted]:
    main = _account("x", HANDLE, NAME, days_ago(today, 4200), BIO) | {"followers": 8412, "verified": True}
    yield Planted("own_account", "her own account, listed", wear(main, encode_jpeg(photo, 90)))
    second = _account("instagram", "marisol.kellner", NAME, days_ago(today, 3100), "Eels, mostly") | {"followers": 1930}
    other_photo = draw_portrait("marisol at sea", invent_look(_LOOK_SEED))
    yield Planted("own_account", "her own second account, listed", wear(second, other_photo))
