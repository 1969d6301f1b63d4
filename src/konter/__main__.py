"""`python -m konter` is the command line."""

from konter.cli.main import main
from konter.platform.parent import SUPERVISOR, end_with

if __name__ == "__main__":
    end_with(SUPERVISOR)
    main()
