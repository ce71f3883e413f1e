"""Grain boundaries in a micrograph without labels, and the grain size that follows from them."""
