"""Tables as laboratories write them: what is read, what is told, what is refused."""

from pathlib import Path

import numpy as np
import pytest

from nital.core.errors import InputError, UnknownName
from nital.io.tables import Table, read_table


def read(folder: Path, text: str, *, encoding: str = "utf-8", name: str = "table.csv", **options: object) -> Table:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return read_table(path, **options)  # type: ignore[arg-type]


def text_names(table: Table) -> tuple[str, ...]:
    return tuple(name for name, values in table.columns.items() if values.dtype.kind != "f")


def test_a_plain_table_gives_numbers_text_and_units(tmp_path: Path) -> None:
    table = read(tmp_path, "heat,yield strength [MPa],grain size (um)\nA1,350,12.5\nB2,,7\n")
    assert list(table.columns) == ["heat", "yield strength [MPa]", "grain size (um)"]
    assert table.units == {"heat": None, "yield strength [MPa]": "MPa", "grain size (um)": "um"}
    assert text_names(table) == ("heat",) and table.n_rows == 2
    assert np.isnan(table.numeric("yield strength")[1])
    assert table.account == (
        "Read 2 rows and 3 columns separated by commas from table.csv.",
        "Missing values, of 2 rows: 'yield strength [MPa]' 1.",
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize(("delimiter", "decimal"), [(",", "."), (";", ","), ("\t", ","), ("\t", "."), ("|", ".")])
def test_encodings_and_delimiters_of_excel_give_the_same_table(
    tmp_path: Path, encoding: str, delimiter: str, decimal: str
) -> None:
    rows = [["Härte", "T / °C", "d [µm]"], ["HV", "20.5", "1.25"], ["HB", "300.0", ""], ["Größe", "-5.5", "3.125e2"]]
    lines = [delimiter.join([row[0], *(cell.replace(".", decimal) for cell in row[1:])]) for row in rows]
    table = read(tmp_path, "\r\n".join(lines) + "\r\n", encoding=encoding)
    assert list(table.columns) == ["Härte", "T / °C", "d [µm]"]
    assert table.units == {"Härte": None, "T / °C": "degC", "d [µm]": "um"}
    assert table.columns["Härte"].tolist() == ["HV", "HB", "Größe"]
    assert table.columns["T / °C"].tolist() == [20.5, 300.0, -5.5]
    assert np.array_equal(table.columns["d [µm]"], [1.25, np.nan, 312.5], equal_nan=True)
    assert any("cp1252" in sentence for sentence in table.account) == (encoding == "cp1252")


def test_a_decimal_comma_in_headers_does_not_hide_the_semicolons(tmp_path: Path) -> None:
    table = read(tmp_path, "Rp0,2 [MPa];T, °C\n350,5;20,5\n360,5;21,5\n")
    assert table.columns["Rp0,2 [MPa]"].tolist() == [350.5, 360.5]
    assert table.units["T, °C"] == "degC"


def test_excels_own_first_line_names_the_delimiter(tmp_path: Path) -> None:
    table = read(tmp_path, "sep=;\nC;Mn\n0,1;1,5\n")
    assert table.columns["Mn"].tolist() == [1.5]


def test_every_missing_marker_counts_and_words_of_users_too(tmp_path: Path) -> None:
    markers = ["", " ", "NA", "N/A", "nan", "-", "--", "null", "#N/A", "#DIV/0!", "None", "lost"]
    table = read(tmp_path, "x,word\n1,a\n" + "".join(f"{marker},b\n" for marker in markers), missing=["lost"])
    assert np.isnan(table.numeric("x")).tolist() == [False] + [True] * len(markers)
    text = read(tmp_path, "treatment,x\nnone,1\nNA,2\nquenched,3\n")
    assert text.text("treatment").tolist() == ["none", "", "quenched"]


def test_one_word_among_numbers_leaves_text_and_names_the_line(tmp_path: Path) -> None:
    table = read(tmp_path, "name,strength\na,1\n\nb,2\nc,broken\nd,4\n")
    assert text_names(table) == ("name", "strength")
    assert "Column 'strength' is read as text: 1 cell is no plain number, first 'broken' in line 5" in table.account[1]
    with pytest.raises(InputError, match=r"'strength' .* holds text, and numbers are needed.*'broken' in line 5"):
        table.numeric("strength")
    assert np.isnan(read(tmp_path, "x,y\n1,a\nbroken,b\n", missing=["broken"]).numeric("x")[1])


@pytest.mark.parametrize(("choice", "value"), [("missing", np.nan), ("limit", 0.01), ("half", 0.005)])
def test_values_below_a_limit_are_told(tmp_path: Path, choice: str, value: float) -> None:
    table = read(tmp_path, "S,x\n0.02,1\n<0.01,2\n", below_limit=choice)
    assert np.array_equal(table.numeric("S"), [0.02, value], equal_nan=True)
    assert any("'<0.01'" in sentence for sentence in table.account)


def test_a_unit_in_cells_becomes_the_unit_of_the_column(tmp_path: Path) -> None:
    table = read(tmp_path, "strength;share;time\n350 MPa;12,5 %;2 h\n 361.5MPa;13 %;30 h\n360 MPa;1 %;1 h\n")
    assert table.columns["strength"].tolist() == [350, 361.5, 360]
    assert table.units == {"strength": "MPa", "share": "%", "time": "h"}
    assert any("'MPa' stands in 3 cells" in sentence for sentence in table.account)
    conflict = read(tmp_path, "strength [GPa],x\n350 MPa,1\n")
    assert any("header says GPa and the cells say MPa" in sentence for sentence in conflict.account)


def test_a_minus_sign_of_typesetting_is_a_minus(tmp_path: Path) -> None:
    assert read(tmp_path, "T,x\n\u2212196,1\n25,2\n").numeric("T").tolist() == [-196, 25]


def test_percent_beside_bare_numbers_is_not_guessed(tmp_path: Path) -> None:
    assert text_names(read(tmp_path, "share,x\n5%,1\n0.1,2\n")) == ("share",)
    assert read(tmp_path, "share,x\n5%,1\n,2\n").unit("share") == "%"


def test_mixed_units_in_cells_are_no_numbers(tmp_path: Path) -> None:
    table = read(tmp_path, "strength,grade,x\n350 MPa,304H,1\n0.4 GPa,45C,2\n")
    assert text_names(table) == ("strength", "grade")
    assert any("Column 'strength' is read as text" in sentence for sentence in table.account)


def test_thousands_are_told_where_two_readings_are_possible(tmp_path: Path) -> None:
    text = 'modulus,x\n"1,234",1\n"2,500",2\n'
    table = read(tmp_path, text)
    assert text_names(table) == ("modulus",)
    assert "'1,234' may be 1234 or 1.234: tell the decimal or thousands sign" in table.account[1]
    assert read(tmp_path, text, thousands=",").numeric("modulus").tolist() == [1234, 2500]
    assert read(tmp_path, text, decimal=",").numeric("modulus").tolist() == [1.234, 2.5]
    german = read(tmp_path, "a;b\n1.234;0,5\n")
    assert text_names(german) == ("a",)
    assert read(tmp_path, "a;b\n1.234;0,5\n", thousands=".").numeric("a").tolist() == [1234]


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1,234.5", "2"], [1234.5, 2]),
        (["1.234,5", "12"], [1234.5, 12]),
        (["1,234,567", "1,000"], [1234567, 1000]),
        (["12 345", "1 000,5"], [12345, 1000.5]),
        (["1'234.5", "7"], [1234.5, 7]),
    ],
)
def test_thousands_that_can_be_read_one_way_are_read_and_told(
    tmp_path: Path, cells: list[str], numbers: list[float]
) -> None:
    table = read(tmp_path, "x\ty\n" + "".join(f"{cell}\ta\n" for cell in cells), name="table.tsv")
    assert table.numeric("x").tolist() == numbers
    assert any("between thousands" in sentence for sentence in table.account)


def test_signs_that_do_not_agree_are_told(tmp_path: Path) -> None:
    table = read(tmp_path, "x\ty\n1.25\ta\n1,5\tb\n", name="table.tsv")
    assert any("do not agree on the decimal sign ('1.25', '1,5')" in sentence for sentence in table.account)
    doubtful = read(tmp_path, "x\ty\n3.125\ta\n12,5\tb\n", name="table.tsv")  # 3125 or 3.125
    assert text_names(doubtful) == ("x", "y")


def test_names_that_look_like_numbers_stay_text(tmp_path: Path) -> None:
    table = read(tmp_path, "heat,order,code,plain\n001,12345678901234567,1_000,10\n002,12345678901234568,2_000,20\n")
    assert text_names(table) == ("heat", "order", "code")
    assert table.text("heat").tolist() == ["001", "002"]
    assert table.text("plain").tolist() == ["10", "20"]


def test_dates_stay_text_and_are_told(tmp_path: Path) -> None:
    table = read(tmp_path, "date,tested,x\n2024-05-03,3.5.2024,1\n2024-05-04,14.5.2024,2\n")
    assert text_names(table) == ("date", "tested")
    assert sum("dates" in sentence for sentence in table.account) == 2


def test_infinite_and_overflowing_numbers_count_as_missing(tmp_path: Path) -> None:
    table = read(tmp_path, "x,y\n1,1e300\ninf,2\n-Infinity,1e999\n")
    assert np.array_equal(table.numeric("y"), [1e300, 2, np.nan], equal_nan=True)
    assert np.array_equal(table.numeric("x"), [1, np.nan, np.nan], equal_nan=True)
    assert any("too large" in sentence for sentence in table.account)


def test_headers_that_repeat_or_are_missing_get_names(tmp_path: Path) -> None:
    table = read(tmp_path, "C,C,,Mn,\n1,2,3,4,\n5,6,7,8,\n")
    assert list(table.columns) == ["C", "C #2", "column 3", "Mn"]
    told = " ".join(table.account)
    assert "column 2 is called 'C #2'" in told and "'column 3'" in told and "'column 5'" in told


def test_a_named_column_without_values_stays(tmp_path: Path) -> None:
    table = read(tmp_path, "C,hardness [HV]\n0.1,\n0.2,\n")
    assert np.isnan(table.numeric("hardness")).all()


def test_columns_are_found_by_the_names_that_people_use(tmp_path: Path) -> None:
    table = read(tmp_path, "Yield strength [MPa],grain_size_um,C_wtpct,C_atpct\n1,2,3,4\n")
    for name in (
        "Yield strength [MPa]",
        "yield strength",
        "yield_strength_mpa",
        "Yield_Strength",
        "YIELD STRENGTH [mpa]",
    ):
        assert table.resolve(name) == "Yield strength [MPa]"
    assert table.resolve("grain size") == "grain_size_um" and table.unit("grain size [um]") == "um"
    assert table.resolve("c [wt%]") == "C_wtpct"
    with pytest.raises(InputError, match="'C' may mean 'C_wtpct' or 'C_atpct'"):
        table.resolve("C")
    with pytest.raises(UnknownName, match="Did you mean 'C_wtpct'"):
        table.resolve("C_wtpc")
    with pytest.raises(UnknownName):
        table.resolve("yield strength [GPa]")


def test_selected_rows_keep_their_columns(tmp_path: Path) -> None:
    table = read(tmp_path, "x,word\n1,a\n2,b\n3,c\n")
    assert table.select([2, 0]).text("word").tolist() == ["c", "a"]
    assert table.select(table.numeric("x") > 1).n_rows == 2
    assert table.select([]).n_rows == 0


def test_cells_in_quotes_may_hold_delimiters_and_lines(tmp_path: Path) -> None:
    table = read(tmp_path, 'source,note,x\n"Grange, 1956","two\nlines",1\n"Penha ""2010""",b,2\n')
    assert table.text("source").tolist() == ["Grange, 1956", 'Penha "2010"']
    assert table.text("note")[0] == "two\nlines"


def test_long_texts_do_not_fill_the_memory(tmp_path: Path) -> None:
    rows = "".join(f"{'word ' * (20_000 if i == 5 else 1)},{i}\n" for i in range(2000))
    table = read(tmp_path, "note,x\n" + rows)
    assert list(table.columns) == ["x"]
    assert any("'note' is left out" in sentence for sentence in table.account)


@pytest.mark.parametrize("name", ["steel_strength", "mpea", "temper_hardness"])
def test_real_tables_are_read_as_numpy_reads_them(real_data: Path, name: str) -> None:
    path = real_data / "tables" / f"{name}.csv"
    table = read_table(path)
    with path.open(encoding="utf-8") as file:
        header = file.readline().strip().split(",")
    assert list(table.columns) == header
    assert table.n_rows == {"steel_strength": 312, "mpea": 1545, "temper_hardness": 1466}[name]
    for column in [name for name in table.columns if name not in text_names(table)][:6]:
        values = (
            np.genfromtxt(path, delimiter=",", skip_header=1, usecols=header.index(column)) if name == "mpea" else None
        )
        assert values is None or np.array_equal(table.columns[column], values, equal_nan=True)


def test_real_tables_have_the_units_of_their_headers(real_data: Path) -> None:
    steels = read_table(real_data / "tables" / "steel_strength.csv")
    assert steels.unit("yield_strength_mpa") == "MPa" and steels.unit("elongation") == "%"
    assert {steels.units[name] for name in steels.columns if name.endswith("wtpct")} == {"wt%"}
    assert np.isnan(steels.numeric("elongation_pct")).sum() == 9
    alloys = read_table(real_data / "tables" / "mpea.csv")
    assert np.isfinite(alloys.numeric("hardness_HV")).sum() == 530
    assert alloys.unit("grain_size_um") == "um" and alloys.unit("test_temperature_C") == "degC"
    tempered = read_table(real_data / "tables" / "temper_hardness.csv")
    assert tempered.unit("time_s") == "s" and tempered.unit("hardness_HRC") == "HRC"
    assert len(np.unique(tempered.text("heat"))) == 37
