"""Which features are offered for which table, and that each travels and computes row by row."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from nital.core.errors import InputError, UnknownName
from nital.io.tables import read_table
from nital.science.alloys import Feature, offer_with_reasons
from nital.science.headers import split_header


def offer(columns: Mapping[str, np.ndarray], units: Mapping[str, str | None], base: str | None = None) -> list[Feature]:
    return offer_with_reasons(columns, units, base=base)[0]


def offered(**columns: list[float] | list[str]) -> tuple[dict[str, Feature], str]:
    arrays = {name: np.array(values) for name, values in columns.items()}
    features, reasons = offer_with_reasons(arrays, {name: split_header(name).unit for name in arrays})
    return {feature.name: feature for feature in features}, " ".join(reasons)


def families(features: Mapping[str, Feature]) -> set[str]:
    return {feature.family for feature in features.values()}


STEEL: dict[str, list[float] | list[str]] = {
    "C": [0.2, 0.4, 0.1], "Mn": [1.0, 0.7, 1.4], "Cr": [0.1, 1.0, 0.0], "Ni": [0.0, 0.2, 0.1]
}  # fmt: skip


def test_bare_symbols_of_a_steel_are_wt_percent_and_it_is_said() -> None:
    features, reasons = offered(**STEEL)
    assert {"carbon equivalent", "mixing rules", "martensite"} == families(features)
    assert "taken as wt%" in reasons and "Fe is the balance" in reasons
    assert features["ce_iiw"].compute({k: np.array(v) for k, v in STEEL.items()})[0] == pytest.approx(
        0.2 + 1 / 6 + 0.02
    )
    assert "no column for Mo, V, Cu: counted as 0" in features["ce_iiw"].formula


def test_carbon_equivalents_of_a_structural_steel() -> None:
    # by hand: S355; the last row lacks a content
    steel = {"C": 0.16, "Si": 0.3, "Mn": 1.4, "Cr": 0.1, "Mo": 0.02, "V": 0.01, "Ni": 0.2, "Cu": 0.2}
    columns = {name: np.array([value, value]) for name, value in steel.items()}
    columns["C"] = np.array([0.16, np.nan])
    features, _ = offered(**columns)
    for name, by_hand in (
        ("ce_iiw", 0.16 + 0.233333 + 0.026 + 0.026667),
        ("pcm", 0.16 + 0.01 + 0.085 + 0.003333 + 0.001333 + 0.001),
        ("cet", 0.16 + 0.142 + 0.015 + 0.005),
    ):
        found, missing = features[name].compute(columns)
        assert found == pytest.approx(by_hand, abs=1e-5) and np.isnan(missing)


def test_lower_case_and_english_names_are_elements_too() -> None:
    assert "ce_iiw" in offered(**{name.lower(): values for name, values in STEEL.items()})[0]
    words = {"Carbon": [0.2, 0.3], "manganese": [1.0, 1.0], "Chromium": [0.0, 1.0], "Nickel content": [0.0, 0.0]}
    assert "ce_iiw" in offered(**words)[0]


def test_one_letter_alone_is_no_element() -> None:
    for columns in (
        {"V": [1.0, 2.0]},
        {"C": [1.0, 2.0], "K": [1.0, 2.0]},
        {"h": [1.0], "k": [1.0], "n": [1.0], "s": [1.0]},
    ):
        assert offered(**columns) == ({}, "")


def test_contents_that_sum_to_one_or_hundred_need_a_stated_basis() -> None:
    fractions = {"Al": [0.2, 0.5], "Co": [0.3, 0.1], "Cr": [0.3, 0.2], "Ni": [0.2, 0.2]}
    features, reasons = offered(**fractions)
    assert not features and "by mass or atoms" in reasons
    features, reasons = offered(**{name: [100 * value for value in values] for name, values in fractions.items()})
    assert not features and "wt% or at%" in reasons
    by_atoms, reasons = offered(**{f"{name}_at_frac": values for name, values in fractions.items()})
    assert "taken as at%: the headers say so" in reasons
    by_mass, _ = offered(**{f"{name}_wt_frac": values for name, values in fractions.items()})
    columns = {f"{name}_at_frac": np.array(values) for name, values in fractions.items()}
    assert by_atoms["vec"].compute(columns)[0] == pytest.approx(0.2 * 3 + 0.3 * 9 + 0.3 * 6 + 0.2 * 10)
    columns = {f"{name}_wt_frac": np.array(values) for name, values in fractions.items()}
    assert by_mass["vec"].compute(columns)[0] != pytest.approx(7.1, abs=0.05)


def test_an_unknown_balance_is_asked_for_and_may_be_told() -> None:
    columns = {"Si_wtpct": [7.0, 9.0], "Mg_wtpct": [0.3, 0.4], "Fe_wtpct": [0.2, 0.1]}
    features, reasons = offered(**columns)
    assert not features and "name the base element" in reasons
    arrays = {name: np.array(values) for name, values in columns.items()}
    told = {feature.name: feature for feature in offer(arrays, dict.fromkeys(arrays, "wt%"), base="Al")}
    assert told["mean_mass"].compute(arrays)[0] == pytest.approx(27.07, abs=0.02)
    assert "ce_iiw" not in told


def test_ppm_and_percent_are_brought_together_and_other_bases_left_out() -> None:
    features, reasons = offered(**STEEL | {"B [ppm]": [20.0, 0.0, 0.0]})  # bare symbols beside a stated unit
    assert "no wt% or at% in the header" in reasons
    stated = {f"{name} [wt%]": values for name, values in STEEL.items()} | {
        "B [ppm]": [20.0, 0.0, 0.0],
        "Al [at%]": [1.0] * 3,
    }
    features, reasons = offered(**stated)
    assert "'Al [at%]': not in wt%" in reasons
    columns = {name: np.array(values) for name, values in stated.items()}
    assert features["pcm"].compute(columns)[0] == pytest.approx(0.2 + 1 / 20 + 0.1 / 20 + 5 * 0.002)


def test_temperature_and_time_of_one_treatment_are_paired() -> None:
    columns = {
        "austenitizing_temperature_C": [900.0], "austenitizing_time_min": [30.0],
        "tempering_temperature_C": [600.0], "tempering_time_h": [1.0],
    }  # fmt: skip
    features, _ = offered(**columns)
    assert features["hollomon_jaffe"].inputs == ("tempering_temperature_C", "tempering_time_h")
    arrays = {name: np.array(values) for name, values in columns.items()}
    assert features["hollomon_jaffe"].compute(arrays)[0] == pytest.approx(17.463)
    assert "hollomon_jaffe_austenitizing" in features


def test_a_test_temperature_is_not_tempering_and_a_rupture_time_is_creep() -> None:
    assert "tempering" not in families(offered(test_temperature_C=[25.0], aging_time_h=[2.0])[0])
    features, _ = offered(test_temperature_C=[550.0], rupture_time_h=[1e5])
    assert features["larson_miller"].family == "creep" and "outcome" in features["larson_miller"].sentence


def test_a_quantity_without_unit_is_not_used_and_it_is_said() -> None:
    features, reasons = offered(temperature=[600.0], time=[1.0], grain_size=[10.0])
    assert not features
    assert "'temperature' states no unit" in reasons and "'grain_size' states no unit" in reasons


def test_properties_of_the_alloy_are_no_treatments() -> None:
    features, reasons = offered(melting_temperature_K=[1800.0], grain_size_number=[8.0], grain_boundary_fraction=[0.1])
    assert not features and not reasons


def test_names_do_not_collide_with_columns() -> None:
    features, _ = offered(**STEEL | {"vec": [1.0, 2.0, 3.0]})
    assert "vec" not in features and "vec_2" in features


def test_missing_values_and_impossible_ones_pass_as_nan() -> None:
    columns = {"grain size [um]": np.array([4.0, np.nan, 0.0, -1.0, 1e300])}
    feature = next(one for one in offer(columns, {"grain size [um]": "um"}) if one.name.startswith("inverse_root"))
    assert np.isnan(feature.compute(columns)).tolist() == [False, True, True, True, False]
    with pytest.raises(InputError, match="needs the column 'grain size"):
        feature.compute({})


def test_formulas_are_found_among_texts_and_unreadable_ones_become_nan() -> None:
    formulas = ["CoCrFeNi", "Al0.5CoCrFeNi"] * 10 + [""]
    features, reasons = offered(alloy=formulas, lattice=["FCC", "BCC"] * 10 + [""])
    assert "Formulas in 'alloy'" in reasons
    vec = features["vec"].compute({"alloy": np.array(["CoCrFeNi", "no formula", ""])})
    assert vec[0] == 8.25 and np.isnan(vec[1:]).all()
    assert not offered(lattice=["FCC", "BCC", "HCP"], grade=["304H", "316L", "4140"])[0]


@pytest.mark.parametrize(
    ("table", "targets", "expected", "n_features"),
    [
        ("steel_strength", ("yield_strength_MPa", "tensile_strength_MPa"), {"carbon equivalent", "martensite"}, 15),
        (
            "temper_hardness",
            ("hardness_HRC",),
            {"tempering", "temperature", "time", "carbon equivalent", "martensite"},
            30,
        ),
        ("mpea", ("hardness_HV", "yield_strength_MPa", "uts_MPa"), {"grain size", "temperature"}, 14),
    ],
)
def test_features_of_real_tables_are_offered_in_words_and_travel_as_json(
    real_data: Path, table: str, targets: tuple[str, ...], expected: set[str], n_features: int
) -> None:
    read = read_table(real_data / "tables" / f"{table}.csv")
    columns = {name: values for name, values in read.columns.items() if name not in targets}
    features = offer(columns, read.units)
    assert {feature.family for feature in features} == expected | {"mixing rules"}
    assert len(features) == n_features
    rows = {name: values[5:8] for name, values in columns.items()}
    for feature in features:
        assert feature.name in feature.sentence and feature.source in feature.sentence
        values = feature.compute(columns)
        assert values.shape == (read.n_rows,) and not np.isinf(values).any() and np.isfinite(values).any()
        again = Feature.from_json(json.loads(json.dumps(asdict(feature))))
        assert again == feature
        assert again.compute(rows) == pytest.approx(values[5:8], nan_ok=True)


def test_hollomon_jaffe_of_the_real_table_is_that_of_its_source(real_data: Path) -> None:
    read = read_table(real_data / "tables" / "temper_hardness.csv")
    by_name = {feature.name: feature for feature in offer(read.columns, read.units)}
    kelvin, hours = read.numeric("temperature_C") + 273.15, read.numeric("time_s") / 3600
    assert by_name["hollomon_jaffe"].compute(read.columns) == pytest.approx(kelvin * (20 + np.log10(hours)) / 1000)


def test_columns_and_formulas_of_real_alloys_say_the_same(real_data: Path) -> None:
    for name, tolerance in (("mpea", 1e-9), ("steel_strength", 0.02)):  # its formulas have three digits
        read = read_table(real_data / "tables" / f"{name}.csv")
        of_columns = {feature.name: feature for feature in offer(read.columns, read.units)}
        formulas = {"formula": read.columns["formula"]}
        of_formulas = {feature.name: feature for feature in offer(formulas, {})}
        for rule in ("vec", "mean_mass", "mean_melting_point", "mixing_entropy"):
            one, other = of_columns[rule].compute(read.columns), of_formulas[rule].compute(formulas)
            assert np.nanmedian(np.abs(one / other - 1)) < tolerance


def test_a_damaged_description_is_refused() -> None:
    with pytest.raises(InputError, match="no description of a feature"):
        Feature.from_json({"name": "x"})
    data = asdict(offered(**{"grain size [um]": [4.0]})[0]["log10_grain_size"])
    with pytest.raises(UnknownName, match="law of a feature"):
        Feature.from_json(data | {"law": "__import__"})
    with pytest.raises(InputError, match="cannot be computed"):
        Feature.from_json(data | {"settings": {"what": 1}}).compute({"grain size [um]": np.ones(1)})


def test_the_reference_page_names_every_feature() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "physics-features.md").read_text("utf-8")
    steel = {f"{name}_wtpct": np.array(values) for name, values in STEEL.items()}
    treatment = {"tempering_temperature_C": np.array([600.0] * 3), "tempering_time_h": np.ones(3)}
    features = offer(steel | treatment, {name: split_header(name).unit for name in steel | treatment})
    assert len(features) > 20
    for feature in features:
        if feature.family not in ("temperature", "time") and "_x_" not in feature.name:
            assert f"`{feature.name}`" in page
        assert feature.source.split(",")[0].split(" (")[0] in page
