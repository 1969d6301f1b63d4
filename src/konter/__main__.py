"""`python -m konter` is the command line."""

from konter.cli import main

if __name__ == "__main__":
    main()
