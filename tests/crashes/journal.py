"""What a client has sent and heard, on its own disk. A sale is noted there before it is sent, so no crash forgets it."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

WORDS = ("done", "refunded", "checking")


class Journal:
    """Lines of JSON, appended."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    def note(self, what: str, ref: str, **more) -> None:
        """Note and go on; the system keeps it when this process dies."""
        self._file.write(json.dumps({"what": what, "ref": ref, **more}) + "\n")
        self._file.flush()

    def note_durably(self, what: str, ref: str, **more) -> None:
        """Note, and wait for the disk."""
        self.note(what, ref, **more)
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


@dataclass
class Story:
    """All that the clients of an outlet know of one ref."""

    outlet_id: int
    sent: int = 0
    unclear: int = 0
    sales: set[str] = field(default_factory=set)
    words: list[str] = field(default_factory=list)  # in each client's order, one client after the other
    refused: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def may_be_in_the_air(self) -> bool:
        """Whether an attempt without a clear end, or a twin, may have been carried out after another was refused."""
        return self.unclear > 0 or self.sent > len(self.refused)


def read(paths: Iterable[Path]) -> dict[tuple[int, str], Story]:
    """The stories of all journals, by outlet and ref; a last line that was cut off is no line."""
    stories: dict[tuple[int, str], Story] = {}
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
            if line.endswith("\n"):
                entry = json.loads(line)
                story = stories.setdefault((entry["outlet"], entry["ref"]), Story(entry["outlet"]))
                _tell(story, entry)
    return stories


def _tell(story: Story, entry: dict) -> None:
    match entry["what"]:
        case "send":
            story.sent += 1
        case "unclear":
            story.unclear += 1
        case "word":
            story.sales.add(entry["sale"])
            story.words.append(entry["status"])
            if entry["status"] not in WORDS:
                story.faults.append(f"heard {entry['status']}")
        case "refused":
            story.refused.append(entry["code"])
        case _:
            story.faults.append(entry["why"])
