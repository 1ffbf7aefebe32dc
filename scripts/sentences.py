"""The sentences that the pages show and code below the pages makes, read from that code: no second copy of any.

An f-string is its own template: `f"{own} is left out"` becomes the message "{own} is left out". `app/web/sentences.py`
finds the template of a sentence again and says it in the reader's language. `make messages` runs this.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from pydantic_core import PydanticKnownError

from app.platforms.catalogue import load_catalogue

ROOT = Path(__file__).resolve().parent.parent
# Modules that make sentences which pages show.
MODULES = (
    "matchers/bios.py", "matchers/context.py", "matchers/deception.py", "matchers/handle_wording.py",
    "matchers/handles.py", "matchers/lookalikes.py", "matchers/model.py", "matchers/name_summaries.py",
    "matchers/names.py",
    "matchers/photo_exchange.py", "matchers/photo_findings.py", "matchers/photos.py", "matchers/pixels.py",
    "app/net/addresses.py", "app/net/errors.py", "app/net/reply.py", "app/photos/alterations.py",
    "app/photos/intake.py",
    "app/scans/attacks.py", "app/scans/form.py", "app/scans/judging.py", "app/scans/schemas.py",
    "app/scans/search.py", "app/scans/views.py",
    "app/sources/*.py", "app/subjects/schemas.py", "app/subjects/service.py", "app/wire.py",
)  # fmt: skip
# A line that ends so holds words that are shown, though each is too short to be told from other strings.
MARK = "# said"
# Strings with a blank in them that no page shows.
_TECHNICAL = frozenset({
    "Bearer {token}", "Bearer {key}", "{words} in:name", "Mapping[str, Source]", "Not Found Error", "not found",
    "fan of", "capital I", "no such field", "Quentin Zolder", "{isoformat} {row_id}", "{value0} {value2}",
    "answered with {len} accounts", 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
})  # fmt: skip
# Scripts whose letters stand in for others; their names come from Unicode's data.
_SCRIPTS = ("Arabic", "Armenian", "Cherokee", "Coptic", "Cyrillic", "Devanagari", "Georgian", "Greek", "Han", "Hangul",
            "Hebrew", "Hiragana", "Katakana", "Lisu", "Thai")  # fmt: skip
# Refusals of Pydantic that the fields of a form can meet.
_REFUSALS: dict[str, dict[str, object]] = {
    "string_too_long": {"max_length": 9}, "string_too_short": {"min_length": 9},
    "too_long": {"field_type": "List", "max_length": 9, "actual_length": 10},
    "string_pattern_mismatch": {"pattern": "x"}, "int_parsing": {}, "float_parsing": {}, "finite_number": {},
    "greater_than": {"gt": 9},
    "less_than": {"lt": 9},
    "greater_than_equal": {"ge": 9}, "less_than_equal": {"le": 9}, "literal_error": {"expected": "x"},
}  # fmt: skip
_PROSE = re.compile(r"[A-Za-z]{2}[\w’']*[”)}]?[,;:.]? +[({“]?\w|\} \w+ ?|\w \{")
_ADDRESS = re.compile(r"\S+@\S+\.\w+")
_JOINT = re.compile(r"^[;:,.]? +| +$")
# What these calls and arguments are given is read by developers, not on a page.
_NOT_SHOWN = frozenset({"log", "Field", "get", "post", "put", "patch", "delete", "Header", "Query", "compile"})


def collect_sentences() -> list[tuple[str, str]]:
    """Every template with the place it comes from, in a fixed order, none twice."""
    found: dict[str, str] = {}
    for pattern in MODULES:
        for path in sorted(ROOT.glob(pattern)):
            for message in _read_module(path):
                found.setdefault(message, path.relative_to(ROOT).as_posix())
    for message in _read_catalogue():
        found.setdefault(message, "app/platforms/data")
    for name in _SCRIPTS:
        found.setdefault(name, "Unicode")
    for kind, values in _REFUSALS.items():
        refusal = PydanticKnownError(kind, values)  # type: ignore[arg-type]  # a literal
        found.setdefault(refusal.message_template, "pydantic")
    return list(found.items())


def _read_module(path: Path) -> Iterator[str]:
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    tree = ast.parse(source)
    for node in _shown(tree):
        template = make_template(node)
        if (
            template
            and _is_said(template)
            and template not in _TECHNICAL
            and (_PROSE.search(template) or lines[node.lineno - 1].endswith(MARK))
        ):
            yield template


def _is_said(template: str) -> bool:
    """Whether there are words beside the values, or brackets, whose values may need another order elsewhere."""
    return bool(re.search(r"[A-Za-z]{2}|\(", re.sub(r"\{\w+\}", "", template)))


def _shown(node: ast.AST) -> Iterator[ast.expr]:
    """Strings of a module, but its docstrings, annotations, keys and what only developers read."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Constant | ast.JoinedStr):
            yield child
        elif isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        elif isinstance(child, ast.Dict):
            yield from _shown(ast.Tuple(child.values, ast.Load()))
        elif isinstance(child, ast.Call) and not _NOT_SHOWN.isdisjoint(_names(child.func)):
            continue
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            for statement in child.body:
                yield from _shown(ast.Module([statement], []))
        else:
            yield from _shown(child)


def _names(function: ast.expr) -> set[str]:
    return {
        part.id if isinstance(part, ast.Name) else part.attr
        for part in ast.walk(function)
        if isinstance(part, ast.Name | ast.Attribute)
    }


def make_template(node: ast.expr) -> str | None:
    """The template of a string or f-string, its values named after what is put there; None for anything else."""
    if isinstance(node, ast.Constant):
        return _JOINT.sub("", node.value).removesuffix(".") if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    parts: list[str] = []
    for piece in node.values:
        if isinstance(piece, ast.Constant):
            parts.append(str(piece.value))
        else:
            parts.append("{" + _name_value(piece.value, len(parts)) + "}")  # type: ignore[attr-defined]  # FormattedValue
    return _JOINT.sub("", "".join(parts)).removesuffix(".")


def _name_value(value: ast.expr, place: int) -> str:
    match value:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_")
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name.strip("_")
        case _:
            return f"value{place}"


def _read_catalogue() -> Iterator[str]:
    """Names and notes of routes, and all that the legal ones say; labels stay as they stand on the platforms' forms."""
    catalogue = load_catalogue()
    for platform in catalogue.platforms.values():
        for channel in platform.facts.channels:
            yield _ADDRESS.sub("{address}", channel.name.replace(platform.name, "{platform}"))
            yield from _sentences(channel.note)
            yield from _sentences(channel.preselects.effect if channel.preselects else None)
    for route in catalogue.legal.legal_routes:
        told = (route.applies_when, route.in_force, route.effects, route.where, route.disputes, route.note)
        yield from (route.name, route.jurisdiction)
        yield from (field.label for field in route.fields)
        for text in (*told, *route.warnings):
            yield from _sentences(text)


def _sentences(text: str | None) -> Iterator[str]:
    if text:
        yield text.removesuffix(".")
