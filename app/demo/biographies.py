"""Biographies put together from parts, so that two strangers hardly ever have the same."""

from __future__ import annotations

import random

_WORK = (
    "nurse", "teacher", "electrician", "software engineer", "barista", "student", "photographer", "retired postman",
    "architect", "paramedic", "musician", "carpenter", "accountant", "gardener", "chef", "translator", "bus driver",
    "graphic designer", "physiotherapist", "librarian", "beekeeper", "journalist", "plumber", "vet", "social worker",
    "civil servant", "marine biologist", "hairdresser", "lawyer", "data analyst", "farmer", "pastry cook", "tailor",
)  # fmt: skip
_LIKES = (
    "hiking", "old maps", "jazz", "football", "baking bread", "chess", "birds", "running", "cinema", "board games",
    "sailing", "crochet", "coffee", "vintage bikes", "cats", "dogs", "climbing", "gardening", "travel", "poetry",
    "street food", "fishing", "K-pop", "astronomy", "yoga", "history", "cricket", "thrillers", "tattoos", "camping",
    "vinyl", "pottery", "swimming", "basketball", "sourdough", "comics", "trains", "sketching", "podcasts", "surfing",
)  # fmt: skip
_PLACES = (
    "Leeds", "Ohio", "Lagos", "Porto", "Manila", "Austin", "Dublin", "Bristol", "Toronto", "Chennai", "Perth", "Graz",
    "Nairobi", "Oslo", "Lima", "Boise", "Cork", "Malmö", "Tucson", "Quito", "Cardiff", "Tampa", "Kraków", "Denver",
)  # fmt: skip
_LINES = (
    "Opinions are my own.", "Here for the memes.", "Be kind.", "Living one day at a time.", "DMs open.",
    "Mum of two.", "Dad jokes included.", "She/her.", "He/him.", "Never on time.", "Just looking around.",
    "Work in progress.", "Views mine.", "Everything is copy.", "Ask me about my plants.",
)  # fmt: skip


def write_bio(rng: random.Random) -> str | None:
    """Write a biography, or none, as one account in four has it."""
    if rng.random() < 0.25:
        return None
    work, place = rng.choice(_WORK), rng.choice(_PLACES)
    likes = rng.sample(_LIKES, 3)
    forms = (
        f"{work.capitalize()} in {place}. {likes[0].capitalize()}, {likes[1]}, {likes[2]}.",
        f"{likes[0]} | {likes[1]} | {place}",
        f"{work.capitalize()}. {rng.choice(_LINES)}",
        f"{place} 📍 {likes[0]} and {likes[1]}. {rng.choice(_LINES)}",
        f"{work}, {place}, {likes[0]}",
        rng.choice(_LINES),
    )
    return rng.choices(forms, (5, 4, 4, 4, 3, 1))[0]
