"""`python -m nital` is the same as `nital`."""

from nital.cli import main

if __name__ == "__main__":
    main()
