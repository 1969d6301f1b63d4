"""Folders that hold what only their owner may read."""

import os
from pathlib import Path


def make_private(folder: Path) -> None:
    """Make a folder, and those above it, if missing; one that is there is left as it is, whoever may enter it.

    For root's, others may pass through without listing it, as the embedded server runs as another user than root: what
    is inside is closed file by file.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:  # as it is, or another process was faster
        return
    if os.geteuid() == 0:
        folder.chmod(0o711)
