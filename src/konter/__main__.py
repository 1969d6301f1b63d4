"""`python -m konter` is the command line."""

from konter.cli import main
from konter.platform.parent import end_with_supervisor

if __name__ == "__main__":
    end_with_supervisor()
    main()
