"""What the header of a column says: the name of the quantity and its unit.

Understood are `yield strength [MPa]`, `grain size (um)`, `T / K`, `Rm, MPa`, `yield_strength_mpa`,
`wt.% Cr`, `%C`, `Cr_at_frac` and the like. A unit that is not written is None, never assumed.
"""

import re
from typing import NamedTuple

__all__ = ["Header", "canonical_unit", "plain_name", "split_header"]


class Header(NamedTuple):
    """A header taken apart: the name without its unit, and the unit or None."""

    name: str
    unit: str | None


# unit as nital writes it: other spellings, in lower case
_SPELLINGS = {
    "MPa": "mpa n/mm2 n/mm^2 n/mm²", "GPa": "gpa", "kPa": "kpa", "Pa": "pa", "ksi": "ksi",
    "um": "um µm μm micron microns micrometer micrometers micrometre micrometres", "nm": "nm", "mm": "mm",
    "cm": "cm", "m": "m", "angstrom": "angstrom å",
    "K": "k kelvin", "degC": "c °c ºc degc deg_c oc celsius", "degF": "f °f degf deg_f fahrenheit",
    "s": "s sec secs second seconds", "min": "min mins minute minutes", "h": "h hr hrs hour hours",
    "d": "d day days",
    "HV": "hv hv0.05 hv0.1 hv0.2 hv0.3 hv0.5 hv1 hv5 hv10 hv30", "HRC": "hrc", "HRB": "hrb", "HB": "hb hbw bhn",
    "wt%": "%wt wt% wt.% wt.-% wt-% wt_% wt_pct wtpct wt.pct wt_percent mass% mass_% mass_pct masspct weight% weight_% "
           "weight_pct w% m% ma% ma.-% gew.-% gew.% wppct",
    "at%": "%at at% at.% at.-% at-% at_% at_pct atpct at.pct at_percent atomic% atomic_% mol% mol_pct mole% a%",
    "wt_frac": "wt_frac wtfrac mass_frac mass_fraction weight_fraction wt_fraction",
    "at_frac": "at_frac atfrac atomic_frac atomic_fraction at_fraction mol_frac mole_frac mole_fraction",
    "ppm": "ppm wppm wtppm wt_ppm", "at_ppm": "appm atppm at_ppm",
    "%": "% pct percent prozent",
    "g/cm3": "g/cm3 g/cm^3 g/cm³ g_cm3 gcm3 g/cc", "kg/m3": "kg/m3 kg/m^3 kg/m³ kg_m3",
    "J": "j joule", "kJ": "kj", "J/mol": "j/mol j_mol", "kJ/mol": "kj/mol kj_mol", "eV": "ev",
    "J/(mol K)": "j/(mol*k) j/molk j/mol/k j_molk", "W/(m K)": "w/mk w/(m*k) w_mk",
    "K/s": "k/s k_s", "degC/s": "c/s °c/s c_s", "K/min": "k/min k_min", "degC/min": "c/min °c/min c_min",
    "1/s": "1/s s-1 s^-1 per_s", "Hz": "hz", "V": "v", "mm/s": "mm/s mm_s", "W": "w watt",
    "cycles": "cycles", "1": "1 - dimensionless",
}  # fmt: skip
_CANONICAL = {spelling: unit for unit, spellings in _SPELLINGS.items() for spelling in spellings.split()}

# These spellings mean a unit at the end of a bare name only beside a word for their quantity:
# `strength_min` is a minimum, `Al_C` no temperature.
_TEMPERATURE = (
    r"(?:^|_|\b)(?:t|temps?|temperatur\w*|tempering|anneal\w*|age?ing|solvus|liquidus|solidus|ms|ac1|ac3|tg|tm)"
    r"(?:$|_|\b)"
)
_TIME = r"time|dauer|zeit|duration|hold|soak|(?:^|_|\b)t(?:$|_|\b)|life|exposure"
_NEEDS = {
    "K": _TEMPERATURE, "degC": _TEMPERATURE, "degF": _TEMPERATURE,
    "s": _TIME, "min": _TIME, "h": _TIME, "d": _TIME,
    "J": r"energ|impact|charpy|toughness|work", "m": r"length|width|depth|height|distance|diameter|thick",
    "V": r"volt|potential", "W": r"power", "1": r"(?!)", "mm/s": r"speed|veloc|rate", "K/s": r"rate|cool|heat",
    "degC/s": r"rate|cool|heat", "K/min": r"rate|cool|heat", "degC/min": r"rate|cool|heat",
}  # fmt: skip


def canonical_unit(text: str) -> str | None:
    """The unit as nital writes it, or None for something that is no unit it knows.

    >>> canonical_unit("µm"), canonical_unit("wt.-%"), canonical_unit("°C"), canonical_unit("as cast")
    ('um', 'wt%', 'degC', None)
    """
    key = text.strip().lower()
    return _CANONICAL.get(key) or _CANONICAL.get(re.sub(r"\s+", "", key)) or _CANONICAL.get(re.sub(r"[\s.]+", "_", key))


def split_header(header: str) -> Header:
    """Take a header apart into name and unit.

    Args:
        header: as written in the file.

    Returns:
        The name without its unit, and the unit in nital's spelling; text in square brackets that is no
        known unit is given as written. The unit is None where the header states none.

    Source: own; the forms are those of quantity calculus (T / K), of brackets and of snake case.

    >>> split_header("yield strength [MPa]"), split_header("T / K"), split_header("Cr_at_frac")
    (Header(name='yield strength', unit='MPa'), Header(name='T', unit='K'), Header(name='Cr', unit='at_frac'))
    """
    text = " ".join(header.split())
    return _bracketed(text) or _after_sign(text) or _leading(text) or _trailing(text) or Header(text, None)


def plain_name(text: str) -> str:
    """A name for comparing: lower case, words joined by underscores.

    >>> plain_name("Grain size (ASTM)")
    'grain_size_astm'
    """
    return re.sub(r"[\W_]+", "_", text.lower()).strip("_")


def _bracketed(text: str) -> Header | None:
    square = re.fullmatch(r"(.*\S)\s*\[([^\[\]]+)\]", text)
    if square:
        return Header(square[1], canonical_unit(square[2]) or square[2].strip())
    round_ = re.fullmatch(r"(.*\S)\s*\(([^()]+)\)", text)
    unit = canonical_unit(round_[2]) if round_ else None
    return Header(round_[1], unit) if round_ and unit else None


def _after_sign(text: str) -> Header | None:
    for sign in ("/", ","):
        for place in (match.start() for match in re.finditer(re.escape(sign), text)):
            name, unit = text[:place].strip(), canonical_unit(text[place + 1 :].strip("() "))
            if name and unit:
                return Header(name, unit)
    return None


def _leading(text: str) -> Header | None:
    match = re.fullmatch(r"((?:wt|at|mol|mass)[\s._-]*(?:%|pct)|%)[\s_]*(\S.*)", text, re.IGNORECASE)
    unit = canonical_unit(match[1].replace(" ", "")) if match else None
    return Header(match[2], unit) if match and unit else None


def _trailing(text: str) -> Header | None:
    """A unit as the last words: `grain size um`, `C wt%`, `density_g_cm3`, `Cr%`."""
    if text.endswith("%") and re.fullmatch(r"[^\s%_]+%", text):
        match = re.fullmatch(r"(\w+?)[\s._-]*((?:wt|at|mol)?[\s._-]*%)", text, re.IGNORECASE)
        return Header(match[1], canonical_unit(match[2])) if match and canonical_unit(match[2]) else None
    # The longest ending counts: `wt_pct` before `pct`.
    for place in (match.start() for match in re.finditer(r"[\s_]", text)):
        name, unit = text[:place].rstrip(" _.,"), canonical_unit(text[place + 1 :])
        if name and unit and (unit not in _NEEDS or re.search(_NEEDS[unit], name.lower())):
            return Header(name, unit)
    return None
