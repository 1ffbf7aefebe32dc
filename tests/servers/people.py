"""The accounts that servers are seeded with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Person:
    """One account to make, and what its profile shows. `picture` is a JPEG or PNG file."""

    handle: str
    name: str
    bio: str = ""
    picture: Path | None = None
    parody: bool = False

    @property
    def picture_type(self) -> str:
        """The media type of the picture."""
        return "image/png" if self.picture is not None and self.picture.suffix == ".png" else "image/jpeg"
