"""The job `properties`: from a table of specimens to a number with an interval."""
