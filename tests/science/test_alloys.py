"""Compositions, mixing rules and laws, against numbers from papers and the laws that they must obey."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nital.core.errors import InputError, UnknownName
from nital.science.alloys import laws, mixing
from nital.science.alloys.composition import atomic_fractions, fractions_of_formulas, mass_fractions, parse_formula
from nital.science.alloys.elements import ELEMENTS, property_of

SYMBOLS = tuple(ELEMENTS)
amounts = arrays(np.float64, (5, 6), elements=st.floats(0, 100)).filter(lambda a: (a.sum(axis=1) > 1).all())
some_elements = st.lists(st.sampled_from(SYMBOLS), min_size=6, max_size=6, unique=True)


def test_the_table_of_elements_holds_the_metals_of_alloys_in_sane_ranges() -> None:
    assert len(ELEMENTS) >= 60
    for one in ELEMENTS.values():
        assert 1 < one.mass < 240 and 30 < one.radius < 240 and 0.7 < one.electronegativity < 3.6
        assert 1 <= one.valence_electrons <= 12 and 10 < one.melting_point < 3900
    # Mass grows with atomic number; of these elements only nickel, after cobalt, is lighter than the one before.
    falls = [name for (_, a), (name, b) in itertools.pairwise(ELEMENTS.items()) if b.mass < a.mass]
    assert falls == ["Ni"]
    with pytest.raises(UnknownName, match="no element 'Xx'"):
        property_of(["Fe", "Xx"], "mass")


def test_vec_as_counted_by_guo() -> None:
    # Al 3, Cr 6, Fe 8, Co 9, Ni 10, Cu 11 (Guo et al. 2011, doi:10.1063/1.3587228), averaged by hand
    for formula, vec in (("CoCrCuFeNi", 8.8), ("Al0.5CoCrCuFeNi", 8.27), ("AlCoCrFeNi", 7.2)):
        symbols, fractions = fractions_of_formulas([formula])
        assert mixing.mean_property(symbols, fractions, "valence_electrons")[0] == pytest.approx(vec, abs=0.01)


def test_size_mismatch_is_that_of_papers_within_the_spread_of_radii() -> None:
    # papers give 5.2 to 5.8 % for AlCoCrFeNi, depending on their table of radii
    symbols, fractions = fractions_of_formulas(["AlCoCrFeNi"])
    assert mixing.size_mismatch(symbols, fractions)[0] == pytest.approx(5.5, abs=0.4)


@given(some_elements, amounts)
def test_wt_to_at_and_back_is_the_same(symbols: list[str], values: np.ndarray) -> None:
    fractions = values / values.sum(axis=1, keepdims=True)
    assert mass_fractions(symbols, atomic_fractions(symbols, values)) == pytest.approx(fractions, abs=1e-12)
    assert atomic_fractions(symbols, mass_fractions(symbols, values)) == pytest.approx(fractions, abs=1e-12)
    assert atomic_fractions(symbols, values).sum(axis=1) == pytest.approx(np.ones(5))


@given(st.sampled_from(SYMBOLS), st.floats(0.01, 1e6))
def test_a_pure_element_has_no_mismatch_and_no_entropy(symbol: str, amount: float) -> None:
    for law in (mixing.size_mismatch, mixing.electronegativity_difference, mixing.mixing_entropy):
        assert law([symbol], [amount]) == pytest.approx(0, abs=1e-9)
    assert mixing.mean_property([symbol], [amount], "mass") == pytest.approx(ELEMENTS[symbol].mass)


@given(st.integers(2, 40))
def test_entropy_of_n_equal_parts_is_r_ln_n_and_no_other_alloy_has_more(n: int) -> None:
    equal = mixing.mixing_entropy(SYMBOLS[:n], np.ones(n))
    assert equal == pytest.approx(8.314462618 * math.log(n))
    assert mixing.mixing_entropy(SYMBOLS[:n], np.arange(1, n + 1)) < equal


@given(some_elements, amounts, st.floats(0.01, 100), st.permutations(range(6)))
def test_scale_and_order_of_the_elements_do_not_matter(
    symbols: list[str], values: np.ndarray, factor: float, order: list[int]
) -> None:
    shuffled = [symbols[i] for i in order]
    for law in (mixing.size_mismatch, mixing.electronegativity_difference, mixing.mixing_entropy):
        assert law(shuffled, factor * values[:, order]) == pytest.approx(law(symbols, values), abs=1e-9)


@given(some_elements, amounts, st.sampled_from(["mass", "radius", "melting_point"]))
def test_a_mean_lies_between_its_elements_and_deviations_are_not_negative(
    symbols: list[str], values: np.ndarray, name: str
) -> None:
    mean = mixing.mean_property(symbols, values, name)
    properties = [getattr(ELEMENTS[symbol], name) for symbol in symbols]
    assert (mean >= min(properties) - 1e-9).all() and (mean <= max(properties) + 1e-9).all()
    assert (mixing.mean_deviation(symbols, values, name) >= 0).all()


def test_missing_negative_and_empty_rows_give_nan_and_leave_the_others_alone() -> None:
    values = [[50.0, 50.0], [np.nan, 50.0], [-1.0, 50.0], [0.0, 0.0], [np.inf, 1.0]]
    for law in (mixing.size_mismatch, mixing.mixing_entropy, mixing.electronegativity_difference):
        assert np.isnan(law(["Fe", "Ni"], values)).tolist() == [False, True, True, True, True]
    assert np.isnan(atomic_fractions(["Fe", "Ni"], values)[:, 0]).tolist() == [False, True, True, True, True]
    with pytest.raises(InputError, match="amounts were given for 2 elements"):
        mixing.mixing_entropy(["Fe", "Ni"], [[1.0, 2.0, 3.0]])


@pytest.mark.parametrize(
    ("formula", "fractions"),
    [
        ("Fe", {"Fe": 1}),
        ("Al0.25 Co1 Fe1 Ni1", {"Al": 0.25 / 3.25, "Co": 1 / 3.25, "Fe": 1 / 3.25, "Ni": 1 / 3.25}),
        ("Fe3C", {"Fe": 0.75, "C": 0.25}),
        ("Al0.5(CoCr)2", {"Al": 0.5 / 4.5, "Co": 2 / 4.5, "Cr": 2 / 4.5}),
        ("(CoCrFeNi)94Al6", {"Co": 0.235, "Cr": 0.235, "Fe": 0.235, "Ni": 0.235, "Al": 0.06}),
        ("[Fe(NiCr)2]2", {"Fe": 0.2, "Ni": 0.4, "Cr": 0.4}),
        ("Ni₃Al", {"Ni": 0.75, "Al": 0.25}),
        ("NiTiNi", {"Ni": 2 / 3, "Ti": 1 / 3}),
        ("Fe1e-3Ni0.999", {"Fe": 0.001, "Ni": 0.999}),
    ],
)
def test_formulas_are_read_in_atoms(formula: str, fractions: dict[str, float]) -> None:
    assert parse_formula(formula) == pytest.approx(fractions)


@pytest.mark.parametrize(
    "formula",
    ["", " ", "Ti-6Al-4V", "FCC", "Xx2", "Fe(Ni", "Fe)Ni", "(2)Fe", "Fe0", "steel", "1.4301", "Fe" * 300, "(" * 100],
)
def test_what_is_no_formula_is_refused_by_name(formula: str) -> None:
    with pytest.raises(InputError, match=r"formula|element|bracket|atoms"):
        parse_formula(formula)


@given(st.text(alphabet="FeNiAlCr0123456789.()[]e- ", max_size=30))
def test_any_text_gives_fractions_or_an_input_error(text: str) -> None:
    try:
        fractions = parse_formula(text)
    except InputError:
        return
    assert sum(fractions.values()) == pytest.approx(1)


@given(st.floats(300, 1500), st.floats(1e-3, 1e5), st.floats(1.01, 10))
def test_tempering_hotter_or_longer_raises_the_parameter(kelvin: float, hours: float, factor: float) -> None:
    here = laws.hollomon_jaffe(kelvin, hours)
    assert laws.hollomon_jaffe(kelvin, hours * factor) > here
    assert laws.hollomon_jaffe(kelvin * factor, hours) > here
    # P is T times a function of time: the ratio at two temperatures is theirs
    assert laws.hollomon_jaffe(kelvin * factor, hours) / here == pytest.approx(factor)


@given(st.floats(1, 3000), st.sampled_from(["um", "nm", "mm"]))
def test_grain_size_in_any_unit_gives_the_same_feature(d_um: float, unit: str) -> None:
    stated = d_um / {"um": 1, "nm": 1e-3, "mm": 1e3}[unit]
    assert laws.inverse_root(laws.in_base_unit(stated, unit, "size")) == pytest.approx(d_um**-0.5)


def test_temperatures_and_times_in_any_unit_agree() -> None:
    celsius = laws.in_base_unit([600.0, 1112.0], "degC", "temperature")
    assert celsius[0] == laws.in_base_unit(1112.0, "degF", "temperature") == pytest.approx(873.15)
    hours = laws.in_base_unit([7200, 120, 2], "s", "time")
    assert hours[0] == laws.in_base_unit(120, "min", "time") == laws.in_base_unit(2, "h", "time")
    assert np.isnan(laws.inverse_temperature(laws.in_base_unit(-300.0, "degC", "temperature")))
    for quantity in laws.UNITS:
        with pytest.raises(InputError, match="'stone' is no unit"):
            laws.in_base_unit(1.0, "stone", quantity)
