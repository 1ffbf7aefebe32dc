from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.cells import cells_to_record
from app.accounts.files import Raw, _Splitter, read_file
from app.problems import InvalidInputError, UnsupportedMediaError

LIMIT = 1_000


def read(path: Path, text: str | bytes) -> list[Raw]:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return list(read_file(path, LIMIT))


def test_lines_are_numbered_and_empty_ones_passed_over(tmp_path: Path) -> None:
    raws = read(tmp_path / "a.ndjson", b'\xef\xbb\xbf{"a":1}\n\n  \r\n{"b":2}')
    assert [(raw.line, raw.end, raw.content) for raw in raws] == [(1, 11, b'{"a":1}\n'), (4, 23, b'{"b":2}')]


def test_a_line_without_end_is_passed_over_without_being_held(tmp_path: Path) -> None:
    raws = read(tmp_path / "a.jsonl", b"1\n" + b"x" * 10_500 + b"\n2\n")
    assert [(raw.line, raw.fault) for raw in raws] == [(1, None), (2, "has more than 1,000 bytes"), (3, None)]
    assert raws[-1].end == 10_505


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]", []),
        ('[{"a": 1}, {"b": [{}]}]', ['{"a": 1}', '{"b": [{}]}']),
        ('{"a": "}\\"{"}\n{"b": "\\\\"}', ['{"a": "}\\"{"}', '{"b": "\\\\"}']),
        ('[{"a": broken}, {"b": 2}]', ['{"a": broken}', '{"b": 2}']),
        ('\ufeff[{"a": 1}]\n', ['{"a": 1}']),
        ('[1, "a,b" ,{"a": 1},\n null,[2, {}], {"b": 2}]', ["1", '"a,b"', '{"a": 1}', "null", "[2, {}]", '{"b": 2}']),
        ('[[], "", nonsense here,, {"a": 1}]', ["[]", '""', "nonsense here", '{"a": 1}']),
        ('{"a": 1}\nnull\n7', ['{"a": 1}', "null", "7"]),
    ],
)
def test_elements_are_cut_apart(tmp_path: Path, text: str, expected: list[str]) -> None:
    raws = read(tmp_path / "a.json", text)
    assert [raw.content.decode() for raw in raws if isinstance(raw.content, bytes)] == expected
    assert [raw.line for raw in raws] == list(range(1, len(expected) + 1))


@pytest.mark.parametrize("text", ['[{"a": 1}, {"b"', '[{"a": 1}, "x', '[{"a": 1}, {"b": "}'])
def test_a_file_that_breaks_off_says_so(tmp_path: Path, text: str) -> None:
    first, second = read(tmp_path / "a.json", text)
    assert (first.fault, second.line, second.fault) == (None, 2, "the file ends in the middle of an account")


def test_an_object_without_end_is_not_held(tmp_path: Path) -> None:
    raws = read(tmp_path / "a.json", '[{"a": "' + "x" * 1_000_000)
    assert [raw.fault is not None for raw in raws] == [True]


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(JSON, max_size=6), st.integers(1, 7), st.booleans())
def test_elements_are_cut_apart_wherever_the_chunks_end(elements: list[object], size: int, escaped: bool) -> None:
    data = json.dumps(elements, ensure_ascii=escaped).encode()
    splitter = _Splitter()
    found = [item for at in range(0, len(data), size) for item in splitter.feed(data[at : at + size])]
    assert [json.loads(text) for _, text in found] == elements
    assert all(data[end - len(text) : end] == text for end, text in found)


def test_rows_of_csv(tmp_path: Path) -> None:
    text = '\ufeffplatform,Handle,bio\r\nx,jane,"two\nlines, and ""quotes"""\nx,kim,\n\n'
    raws = read(tmp_path / "a.csv", text)
    assert [(raw.line, raw.content) for raw in raws] == [
        (2, {"platform": "x", "handle": "jane", "bio": 'two\nlines, and "quotes"'}),
        (4, {"platform": "x", "handle": "kim", "bio": ""}),
    ]
    assert raws[-1].end == len(text.encode()) - 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_seen_in_the_header(tmp_path: Path, delimiter: str) -> None:
    (raw,) = read(tmp_path / "a.csv", f"platform{delimiter}handle\nx{delimiter}jane\n")
    assert raw.content == {"platform": "x", "handle": "jane"}


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ('x,"jane', "quote"),
        ('x,ja"ne', "quote"),
        ("x", "1 cells where the header has 2"),
        ("x,jane,more", "3 cells"),
        (b"x,\xff\xfe", "UTF-8"),
        ('x,"jane"doe', "not CSV"),
        (b"x," + b"j" * 2_000, "more than 1,000 bytes"),
    ],
)
def test_a_broken_row_costs_itself_alone(tmp_path: Path, row: str | bytes, fault: str) -> None:
    data = row.encode() if isinstance(row, str) else row
    raws = read(tmp_path / "a.csv", b"platform,handle\nx,first\n" + data + b'\nx,second\nx,"third"\n')
    good = [(raw.line, raw.content) for raw in raws if raw.fault is None]
    assert [(line, dict(cells)["handle"]) for line, cells in good if not isinstance(cells, bytes)] == [
        (2, "first"),
        (4, "second"),
        (5, "third"),
    ]
    (bad,) = [raw for raw in raws if raw.fault is not None]
    assert bad.line == 3
    assert fault in (bad.fault or "")


def test_lines_that_end_in_cr_alone_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="CR alone"):
        read(tmp_path / "a.csv", "platform,handle\rx,jane\rx,kim\r")
    (bad,) = read(tmp_path / "b.csv", "platform,handle\nx,jane\rx,kim\r")
    assert (bad.line, bad.fault) == (2, "has other cells where the header has 2")


def test_kinds_of_files_and_headers_that_say_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedMediaError):
        read(tmp_path / "a.xlsx", "")
    for text in ("", "name;shoe size\n"):
        with pytest.raises(InvalidInputError, match="first line"):
            read(tmp_path / "a.csv", text)


@pytest.mark.parametrize(
    ("cells", "record"),
    [
        ({"handle": " a ", "bio": " ", "shoe": "7"}, {"handle": "a"}),
        ({"labels": "parody; fan"}, {"labels": ["parody", "fan"]}),
        ({"labels": '["a;b"]'}, {"labels": ["a;b"]}),
        (
            {"links": "https://a.example;https://b.example"},
            {"links": [{"url": "https://a.example"}, {"url": "https://b.example"}]},
        ),
        (
            {"links": '[{"url": "https://a.example", "verified": true}]'},
            {"links": [{"url": "https://a.example", "verified": True}]},
        ),
        ({"avatar": "faces/a.jpg"}, {"avatar": {"path": "faces/a.jpg"}}),
        ({"avatar": "https://a.example/a.jpg"}, {"avatar": {"url": "https://a.example/a.jpg"}}),
        ({"avatar": '{"base64": "aa"}'}, {"avatar": {"base64": "aa"}}),
        ({"avatar_url": "https://a.example", "avatar_path": "a.jpg"}, {"avatar": {"path": "a.jpg"}}),
        ({"avatar_hashes": '{"scheme": "cc1"}'}, {"avatar": {"hashes": {"scheme": "cc1"}}}),
    ],
)
def test_cells_as_a_record(cells: dict[str, str], record: dict[str, object]) -> None:
    assert cells_to_record(cells) == record


def test_a_cell_that_should_hold_json() -> None:
    with pytest.raises(InvalidInputError, match="labels: is not JSON"):
        cells_to_record({"labels": "[parody"})
