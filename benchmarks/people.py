"""The people of the benchmark: official portraits with names and handles, split by person for good."""

from __future__ import annotations

import csv
import hashlib
import os
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Literal

from PIL import Image

from app.demo.population import Person

Half = Literal["development", "test"]

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Legislator:
    """A real person with a portrait, and an older picture where there is one.

    `handle` is empty where the source has none, or one that several people share, such as a party's.
    """

    id: str
    name: str
    handle: str
    portrait: Path
    older: Path | None

    @property
    def half(self) -> Half:
        """The half a person belongs to, by a hash of the id: never by chance, never by run."""
        return half_of(self.id)

    @property
    def person(self) -> Person:
        """The name as its first and last part, in lower-case ASCII, to make handles of."""
        plain = unicodedata.normalize("NFD", self.name).encode("ascii", "ignore").decode().lower()
        parts = ["".join(c for c in part if c.isalpha()) for part in plain.split()]
        return Person(parts[0], parts[-1])


def half_of(person: str) -> Half:
    """The half of the person with this id."""
    return "test" if _digest(f"half:{person}") % 2 else "development"


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def find_data() -> Path:
    """The folder of the labelled data (CLONECHECK_TEST_DATA); raises `SystemExit` when it is missing."""
    folder = Path(os.environ.get("CLONECHECK_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "avatars" / "images.csv").is_file():
        raise SystemExit(f"{folder} holds no avatars/images.csv: set CLONECHECK_TEST_DATA (see benchmarks/README.md)")
    return folder


def read_picture(file: Path | BinaryIO) -> Image.Image:
    """Read a picture in red, green and blue; transparent parts show whatever colour they have."""
    with Image.open(file) as image:
        return image.convert("RGB")


def load_people(data: Path) -> list[Legislator]:
    """All people with a portrait, in the order of a hash of their ids."""
    folder = data / "avatars"
    with (folder / "images.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    older = {row["person"]: folder / row["file"] for row in rows if row["file"].startswith("directory2014/")}
    people = [
        Legislator(
            id=row["person"],
            name=" ".join(row["name"].split()),
            handle=row["twitter"].lower().partition("?")[0],
            portrait=folder / row["file"],
            older=older.get(row["person"]),
        )
        for row in rows
        if row["file"].startswith("portraits/")
    ]
    uses = Counter(person.handle for person in people)
    people = [replace(person, handle="") if uses[person.handle] > 1 else person for person in people]
    return sorted(people, key=lambda person: _digest(f"order:{person.id}"))
