"""The job `phases`: segmentation of micrographs into phases, from a handful of labelled pictures."""
