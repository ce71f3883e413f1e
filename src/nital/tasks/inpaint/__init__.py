"""The job `inpaint`: maps with missing pixels, filled, with an interval for each filled pixel."""
