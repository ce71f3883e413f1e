"""Atom columns in pictures that resolve a lattice: their places, the lattice, and where one is missing."""

from nital.science.columns.finding import find_columns, spacing_of
from nital.science.columns.lattice import Lattice, fit_lattice

__all__ = ["Lattice", "find_columns", "fit_lattice", "spacing_of"]
