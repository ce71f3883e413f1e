"""Generators with exact truth: the same seed gives the same structure everywhere."""
