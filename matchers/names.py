"""Names: how rare each part is, and how much of the subject's name an account's display name confirms."""

from __future__ import annotations

from matchers.name_parts import Name, Part, parse_name

__all__ = ["Name", "Part", "parse_name"]
