"""Pictures that lie beside an imported file; nothing outside its folder is ever opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.photos.hashing import account_photo
from app.photos.intake import decode
from app.photos.schemas import photo_to_wire
from app.problems import InvalidInputError
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class AvatarFolder:
    """The folder that avatar paths are relative to."""

    folder: Path
    settings: Settings

    def read(self, record: dict[str, Any]) -> dict[str, Any]:
        """Replace an avatar given by its path by its hashes.

        Raises `InvalidInputError` for a path that leads nowhere or out of the folder, and `PhotoRejectedError` for a
        file that is no readable picture.
        """
        avatar = record.get("avatar")
        if not isinstance(avatar, dict) or set(avatar) != {"path"}:
            return record
        data = self._find(avatar["path"]).read_bytes()
        return {**record, "avatar": {"hashes": photo_to_wire(account_photo(decode(data, self.settings)))}}

    def _find(self, text: object) -> Path:
        if not isinstance(text, str) or "\0" in text:
            raise InvalidInputError("avatar: the path is not a text.")
        root = self.folder.resolve()
        try:
            path = (root / text).resolve()
            # Links are followed first, so that none leads out either.
            if Path(text).is_absolute() or not path.is_relative_to(root):
                raise InvalidInputError("avatar: the path must stay inside the folder of the imported file.")
            if not path.is_file():
                raise InvalidInputError("avatar: there is no such file.")
            if path.stat().st_size > self.settings.max_photo_bytes:
                raise InvalidInputError(f"avatar: the file has more than {self.settings.max_photo_bytes:,} bytes.")
        except (OSError, RuntimeError):
            raise InvalidInputError("avatar: the path cannot be followed.") from None
        return path
