"""The elements that alloys are made of, with the numbers that mixing rules need.

Columns of the table: atomic mass in g/mol; radius in pm; Pauling electronegativity; valence electrons counted
with the d electrons (VEC); melting point in K.

* mass: standard atomic weights, abridged (IUPAC 2021, doi:10.1515/pac-2019-0603).
* radius: metallic radius for twelve neighbours (as in Greenwood and Earnshaw, Chemistry of the Elements, 2nd ed.,
  and Wells, Structural Inorganic Chemistry, 5th ed.). For H, B, C, N, O, Si, P, S, Ge, As, Se, Sb and Te, which have
  none, the covalent radius of Cordero 2008 (doi:10.1039/b801115j). All were compared with a second compilation: 55
  of 66 agree to 1.5 pm; Li, Na, K, Ga, In, Sn, Pb and Bi differ by 3 to 9 pm between tables.
* electronegativity: Pauling's scale as revised by Allred 1961 (doi:10.1016/0022-1902(61)80142-5), CRC Handbook.
* valence electrons: the group number up to group 12, the group number less ten after it; 3 for lanthanides (as
  Guo et al. 2011, doi:10.1063/1.3587228, count them).
* melting point: CRC Handbook of Chemistry and Physics, 97th ed., at normal pressure; carbon sublimes there (3823 K),
  arsenic too (887 K).

Because radii differ between tables, the atomic size mismatch of one alloy differs in its second digit between papers.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from nital.core.errors import unknown_name

__all__ = ["ELEMENTS", "Element", "property_of"]


class Element(NamedTuple):
    """One element: mass in g/mol, radius in pm, Pauling electronegativity, valence electrons, melting point in K."""

    mass: float
    radius: float
    electronegativity: float
    valence_electrons: float
    melting_point: float


_TABLE = """
H   1.008   31  2.20 1 13.99
Li  6.94    152 0.98 1 453.7
Be  9.0122  112 1.57 2 1560
B   10.81   84  2.04 3 2348
C   12.011  76  2.55 4 3823
N   14.007  71  3.04 5 63.2
O   15.999  66  3.44 6 54.4
Na  22.990  186 0.93 1 370.9
Mg  24.305  160 1.31 2 923
Al  26.982  143 1.61 3 933.5
Si  28.085  111 1.90 4 1687
P   30.974  107 2.19 5 317.3
S   32.06   105 2.58 6 388.4
K   39.098  227 0.82 1 336.7
Ca  40.078  197 1.00 2 1115
Sc  44.956  162 1.36 3 1814
Ti  47.867  147 1.54 4 1941
V   50.942  134 1.63 5 2183
Cr  51.996  128 1.66 6 2180
Mn  54.938  127 1.55 7 1519
Fe  55.845  126 1.83 8 1811
Co  58.933  125 1.88 9 1768
Ni  58.693  124 1.91 10 1728
Cu  63.546  128 1.90 11 1357.8
Zn  65.38   134 1.65 12 692.7
Ga  69.723  135 1.81 3 302.9
Ge  72.630  120 2.01 4 1211.4
As  74.922  119 2.18 5 887
Se  78.971  120 2.55 6 494
Sr  87.62   215 0.95 2 1050
Y   88.906  180 1.22 3 1795
Zr  91.224  160 1.33 4 2127
Nb  92.906  146 1.60 5 2750
Mo  95.95   139 2.16 6 2895
Ru  101.07  134 2.20 8 2606
Rh  102.91  134 2.28 9 2236
Pd  106.42  137 2.20 10 1827.9
Ag  107.87  144 1.93 11 1234.9
Cd  112.41  151 1.69 12 594.2
In  114.82  167 1.78 3 429.7
Sn  118.71  158 1.96 4 505.1
Sb  121.76  139 2.05 5 903.8
Te  127.60  138 2.10 6 722.7
Ba  137.33  222 0.89 2 1000
La  138.91  187 1.10 3 1193
Ce  140.12  182 1.12 3 1072
Pr  140.91  182 1.13 3 1204
Nd  144.24  182 1.14 3 1289
Sm  150.36  180 1.17 3 1345
Gd  157.25  180 1.20 3 1586
Tb  158.93  178 1.20 3 1632
Dy  162.50  177 1.22 3 1685
Ho  164.93  177 1.23 3 1745
Er  167.26  176 1.24 3 1802
Yb  173.05  194 1.10 3 1092
Lu  174.97  173 1.27 3 1936
Hf  178.49  159 1.30 4 2506
Ta  180.95  146 1.50 5 3290
W   183.84  139 2.36 6 3695
Re  186.21  137 1.90 7 3458
Os  190.23  135 2.20 8 3306
Ir  192.22  136 2.20 9 2719
Pt  195.08  139 2.28 10 2041.4
Au  196.97  144 2.54 11 1337.3
Pb  207.2   175 2.33 4 600.6
Bi  208.98  170 2.02 5 544.6
"""


ELEMENTS = {symbol: Element(*map(float, numbers)) for symbol, *numbers in map(str.split, _TABLE.strip().splitlines())}
"""Symbol -> element, by atomic number."""


def property_of(symbols: Sequence[str], name: str) -> np.ndarray:
    """One property of several elements, shape (n_elements,).

    Args:
        symbols: such as ("Fe", "Cr").
        name: a field of `Element`: mass (g/mol), radius (pm), electronegativity, valence_electrons, melting_point (K).

    Raises:
        UnknownName: no symbol, or an element that is in no alloy.

    >>> property_of(("Al", "Ni"), "melting_point")
    array([ 933.5, 1728. ])
    """
    for symbol in symbols:
        if symbol not in ELEMENTS:
            raise unknown_name("element", symbol, ELEMENTS)
    return np.array([getattr(ELEMENTS[symbol], name) for symbol in symbols], dtype=np.float64)
