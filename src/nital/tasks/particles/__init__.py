"""The job `particles`: nanoparticles in TEM and STEM pictures, without labels."""
