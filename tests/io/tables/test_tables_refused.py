"""Files that are no tables, and formats beside text: each gives a table or an InputError that names the file."""

import datetime
import sys
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from nital.core.errors import InputError, MissingExtra
from nital.io.tables import delimited, raw, read_table, sheets


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"  \n \n", "holds only white space"),
        (b"a,b\n", "a header and no rows"),
        (b"1,2\n3,4\n", "has no header"),
        (b"a,b\n1,2,3\n", "line 2: 3 cells where the header .line 1. has 2"),
        (b"a,b\n1,2\n\n3\n", "line 4: 1 cell where"),
        (b"a b c\n1 2 3\n4 5 6\n", "3 columns separated by spaces"),
        (b"\x00\x01\x02a,b", "not a text table"),
        (b"a,b\n" + b"1,2\n" * 2000 + b"\x00,3\n", "line 2002, holds NUL"),
        (b"a,b\n\x81\x8d,2\n", "not a text table"),
        (b'a,b\n"1,2\n' + b"3,4\n" * 60_000, "double quote"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel file"),
        (b"PK\x03\x04 no archive", "damaged or no Excel file"),
        (b"\xff\xfea", "not a text table"),
    ],
)
def test_a_file_that_is_no_table_is_named_with_a_mend(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        read_table(path)
    assert "bad.csv" in str(caught.value)


def test_pictures_folders_and_missing_files_are_refused(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((40, 40), np.uint8)).save(tmp_path / "picture.png")
    with pytest.raises(InputError, match="not a text table"):
        read_table(tmp_path / "picture.png")
    with pytest.raises(InputError, match="folder"):
        read_table(tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        read_table(tmp_path / "none.csv")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    head=st.sampled_from(
        [b"", b"a,b\n", b"a;b\n1,5;2\n", b"PK\x03\x04", b"PAR1", b"\xff\xfe", b"\xef\xbb\xbf", b"sep=;\n"]
    ),
    body=st.binary(max_size=200) | st.text(alphabet='019.,;"\t\n<%e- aN', max_size=80).map(str.encode),
)
def test_any_bytes_give_a_table_or_an_input_error(tmp_path: Path, head: bytes, body: bytes) -> None:
    path = tmp_path / "fuzz.csv"
    path.write_bytes(head + body)
    try:
        table = read_table(path)
    except InputError as refused:
        told = str(refused)
    else:
        told = table.account[0]
        assert table.n_rows > 0
        for values in table.columns.values():
            assert len(values) == table.n_rows
            assert values.dtype.kind in "fU" and not (values.dtype.kind == "f" and np.isinf(values).any())
    assert "fuzz.csv" in told


def test_too_large_is_told_before_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.csv"
    path.write_text("a,b\n" + "1,2\n" * 5000)
    monkeypatch.setattr(raw, "LARGEST_CELLS", 1000)
    with pytest.raises(InputError, match="more than 1,000 cells"):
        read_table(path)
    monkeypatch.setattr(delimited, "LARGEST_BYTES", 1000)
    with pytest.raises(InputError, match="more than the 0 MB that are read"):
        read_table(path)
    monkeypatch.undo()
    path.write_text(",".join(map(str, range(raw.LARGEST_COLUMNS + 1))) + "\n")
    with pytest.raises(InputError, match="columns; at most"):
        read_table(path)


def workbook(path: Path, rows: list[list[object]], title: str = "Data") -> Path:
    book = openpyxl.Workbook()
    page = book.active
    page.title = title
    for row in rows:
        page.append(row)
    book.create_sheet("Notes").append(["nothing", "here"])
    book.save(path)
    return path


def test_an_excel_sheet_is_read_with_numbers_exactly_as_stored(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        [None, None, None, None, None],
        ["heat", "C [wt%]", "tested", "ok", "mixed"],
        ["A", 1 / 3, datetime.datetime(2024, 5, 3), True, 1],
        [None, None, None, None, None],
        ["B", 7, datetime.datetime(2024, 5, 4, 12, 30), False, "1,5"],
        [3, "#N/A", None, None, "n.d."],
    ]
    table = read_table(workbook(tmp_path / "book.xlsx", rows))
    assert np.array_equal(table.numeric("C"), [1 / 3, 7, np.nan], equal_nan=True)
    assert table.text("heat").tolist() == ["A", "B", "3"]
    assert table.text("tested").tolist() == ["2024-05-03", "2024-05-04T12:30:00", ""]
    assert table.text("ok").tolist() == ["TRUE", "FALSE", ""]
    assert "sheets ('Data', 'Notes'); the first was read" in " ".join(table.account)
    assert "in line 6" in " ".join(table.account)  # 'n.d.' stands in row 6 of the sheet


def test_percent_cells_of_excel_are_read_as_they_are_seen(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx", [["share", "x"], [0.125, 1], [0.07, 2]])
    book = openpyxl.load_workbook(path)
    for row in (2, 3):
        book["Data"].cell(row, 1).number_format = "0.0%"
    book.save(path)
    table = read_table(path)
    assert table.numeric("share").tolist() == [12.5, 7.0] and table.unit("share") == "%"


def test_sheets_are_chosen_by_name(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx", [["a"], [1]])
    with pytest.raises(InputError, match=r"no sheet 'Daten'\. Its sheets: 'Data', 'Notes'"):
        read_table(path, sheet="Daten")
    with pytest.raises(InputError, match="a header and no rows"):
        read_table(path, sheet="Notes")
    with pytest.raises(InputError, match="row 2: a cell stands right of the last header"):
        read_table(workbook(path, [["a"], [1, 2]]))
    with pytest.raises(InputError, match="is empty"):
        read_table(workbook(path, []))


def test_other_archives_are_told_apart(tmp_path: Path) -> None:
    def archive(name: str, members: dict[str, bytes]) -> Path:
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as file:
            for member, content in members.items():
                file.writestr(member, content)
        return tmp_path / name

    with pytest.raises(InputError, match=r"OpenDocument table \(.ods\). Save it as .xlsx"):
        read_table(archive("a.ods", {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}))
    with pytest.raises(InputError, match="no Excel file"):
        read_table(archive("a.zip", {"readme.txt": b"hello"}))
    with pytest.raises(InputError, match="would unpack to 100 MB"):
        read_table(archive("bomb.xlsx", {"xl/workbook.xml": bytes(100_000_000)}))
    with pytest.raises(InputError, match="is damaged"):
        read_table(archive("broken.xlsx", {"xl/workbook.xml": b"<workbook>"}))


def test_entities_that_multiply_do_not_fill_the_memory(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx", [["a"], ["text"]])
    lines = ['<!ENTITY e0 "laugh">'] + [f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12)]
    attack = f"<!DOCTYPE x [{''.join(lines)}]>"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "attack.xlsx", "w") as new:
        for member in old.namelist():
            content = old.read(member)
            if member == "xl/sharedStrings.xml":
                content = attack.encode() + content.split(b"?>")[-1].replace(b"text", b"&e11;")
            new.writestr(member, content)
    try:
        table = read_table(tmp_path / "attack.xlsx")
    except InputError:
        return
    assert max(map(len, table.text("a"))) < 1000


@pytest.mark.parametrize("cut", [30, 300, 2000])
def test_a_truncated_or_altered_workbook_is_an_input_error(tmp_path: Path, cut: int) -> None:
    path = workbook(tmp_path / "book.xlsx", [["a", "b"], *([i, "x"] for i in range(50))])
    content = path.read_bytes()
    path.write_bytes(content[:-cut])
    with pytest.raises(InputError, match=r"book\.xlsx"):
        read_table(path)


def test_a_workbook_that_claims_endless_rows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "LARGEST_EXCEL_ROWS", 100)
    path = workbook(tmp_path / "book.xlsx", [["a"], *([i] for i in range(150))])
    with pytest.raises(InputError, match="more rows than Excel has"):
        read_table(path)


def test_parquet_without_its_extra_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "table.parquet").write_bytes(b"PAR1" + bytes(50) + b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(MissingExtra, match=r"pip install 'nital\[tables\]'"):
        read_table(tmp_path / "table.parquet")


def test_parquet_gives_the_numbers_that_were_written(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow", reason="the extra 'tables' is not installed")
    parquet = pytest.importorskip("pyarrow.parquet")
    numbers = np.random.default_rng(0).normal(size=20_000)
    columns = {
        "x [MPa]": numbers,
        "n": np.arange(20_000),
        "word": ["a", None] * 10_000,
        "f": numbers.astype(np.float32),
    }
    parquet.write_table(arrow.table(columns), tmp_path / "table.parquet")
    table = read_table(tmp_path / "table.parquet")
    assert np.array_equal(table.numeric("x"), numbers) and table.unit("x") == "MPa"
    assert np.array_equal(table.numeric("f"), numbers.astype(np.float32).astype(float))
    assert table.text("word")[:2].tolist() == ["a", ""]
    (tmp_path / "bad.parquet").write_bytes((tmp_path / "table.parquet").read_bytes()[:-20])
    with pytest.raises(InputError, match=r"bad\.parquet is damaged"):
        read_table(tmp_path / "bad.parquet")
