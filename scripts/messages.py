"""Collect every text of the pages for translators, and compile what they wrote: `make messages` runs it.

app/web/locale/messages.pot holds the texts of the templates, and the sentences that code below the pages makes;
app/web/sentences.json lists the latter for the pages. The catalogue of each language takes up new texts and drops those
that are gone. With the code of a language (`make messages language=fr`) a catalogue is begun. The same texts give the
same files to the byte: no dates, no line numbers.
"""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, datetime

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from app.web.languages import DOMAIN, LOCALE, THOUSANDS
from app.web.sentences import TEMPLATES
from scripts.sentences import collect_sentences

WEB = LOCALE.parent
TEMPLATE = LOCALE / f"{DOMAIN}.pot"
# Babel writes a date into each file; this one stands for none.
_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
_HEADER = "# Texts of the pages of clonecheck in another language; `make messages` keeps this file in order."
_METHODS = [("**.html", "jinja2.ext:babel_extract")]
_OPTIONS = {"**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true"}}


def collect_messages() -> str:
    """All texts of the pages as a gettext template, in a fixed order and without a date."""
    catalog = Catalog(project="clonecheck", charset="utf-8", fuzzy=False)
    found = extract_from_dir(WEB / "templates", _METHODS, _OPTIONS)
    for name, _line, message, comments, context in sorted(found, key=lambda item: (item[0], item[1], str(item[2]))):
        catalog.add(message, None, [(f"templates/{name}", 0)], auto_comments=comments, context=context)
    context, mark = THOUSANDS
    catalog.add(mark, None, [("languages.py", 0)], context=context)
    for message, place in collect_sentences():
        catalog.add(message, None, [(place, 0)])
    out = io.BytesIO()
    write_po(out, catalog, width=120, omit_header=True, no_location=False, include_lineno=False)
    return out.getvalue().decode()


def list_sentences() -> str:
    """The sentences made below the pages, as sentences.json holds them."""
    return json.dumps(sorted(message for message, _ in collect_sentences()), ensure_ascii=False, indent=0) + "\n"


def renew_catalogue(known: bytes, template: str, language: str) -> tuple[bytes, bytes]:
    """A language's catalogue brought up to the template: as translators read it (.po), and compiled (.mo)."""
    catalog = read_po(io.BytesIO(known), locale=language)
    catalog.update(read_po(io.StringIO(template)), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.project, catalog.header_comment, catalog.fuzzy = "clonecheck", _HEADER, False
    catalog.creation_date = catalog.revision_date = _NO_DATE
    catalog.version = catalog.msgid_bugs_address = catalog.last_translator = catalog.language_team = "-"
    text, compiled = io.BytesIO(), io.BytesIO()
    write_po(text, catalog, width=120, include_lineno=False)
    write_mo(compiled, catalog)
    return text.getvalue(), compiled.getvalue()


def write_all(begun: list[str]) -> None:
    """Write the template, the list of sentences, and the catalogue of each language there is or is `begun`."""
    LOCALE.mkdir(exist_ok=True)
    template = collect_messages()
    TEMPLATE.write_text(template, encoding="utf-8")
    TEMPLATES.write_text(list_sentences(), encoding="utf-8")
    there = {path.parts[-3] for path in LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po")}
    for language in sorted(there | set(begun)):
        place = LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"
        place.parent.mkdir(parents=True, exist_ok=True)
        text, compiled = renew_catalogue(place.read_bytes() if place.is_file() else b"", template, language)
        place.write_bytes(text)
        place.with_suffix(".mo").write_bytes(compiled)


if __name__ == "__main__":
    write_all(sys.argv[1:])
