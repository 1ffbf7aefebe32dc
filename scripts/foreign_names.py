"""Generate benchmarks/data/foreign_names.tsv: names of other people in the scripts of the spellings benchmark.

Run, in an environment of its own, from the root of the project: pip install faker && python scripts/foreign_names.py
Source: the name lists of Faker's locales (MIT). For benchmarks and tests only.
"""

from __future__ import annotations

import argparse
import random
from importlib import import_module
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "benchmarks" / "data" / "foreign_names.tsv"
# One locale or more for each script; Latin ones of countries whose spellings differ from the English ones.
LOCALES = (
    *("ru_RU", "uk_UA", "bg_BG", "mk_MK", "el_GR", "he_IL", "ar_AA", "fa_IR", "hi_IN", "ne_NP", "bn_BD", "ta_IN"),
    *("th_TH", "ka_GE", "hy_AM", "ko_KR", "ja_JP", "zh_CN", "de_DE", "nl_NL", "hu_HU", "cs_CZ", "sk_SK", "hr_HR"),
    *("ro_RO", "lv_LV", "lt_LT", "sv_SE", "fr_FR", "es_ES", "it_IT", "id_ID", "tr_TR", "az_AZ"),
)
# The names kept of each list.
KEPT = 60


def write_names(target: Path) -> int:
    """Write locale, given names and surnames, separated by commas; return the number of rows. Always the same."""
    lines = []
    for locale in LOCALES:
        provider = import_module(f"faker.providers.person.{locale}").Provider
        lists = [sorted({str(name) for name in names}) for names in (provider.first_names, provider.last_names)]
        given, surnames = (random.Random(locale).sample(names, min(KEPT, len(names))) for names in lists)  # noqa: S311
        lines.append(f"{locale}\t{','.join(given)}\t{','.join(surnames)}\n")
    target.write_text(
        "# locale, given names, surnames; see scripts/foreign_names.py\n" + "".join(lines), encoding="utf-8"
    )
    return len(lines)


def main() -> None:
    """Write the table to its place or to --out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=TARGET)
    target = parser.parse_args().out
    print(f"{write_names(target)} locales, {target.stat().st_size} bytes: {target}")  # noqa: T201


if __name__ == "__main__":
    main()
