"""Lines of a timeline from the audit: what was done, by whom, why. What no text names yet shows its code."""

from collections.abc import Mapping, Sequence
from typing import Any

from konter.access.people import actor_names
from konter.platform.audit import AuditLine
from konter.platform.db import Connection
from konter.platform.i18n import catalogue
from konter.web.desk.views import BadgeTone, StoryLine
from konter.web.desk.words import DeskWords

# Words in the data of audit rows that say why; the first that is there is shown.
REASONS = ("reason", "why", "note", "code")
BY_RULE = "outlet.rs_conflict_disable="  # why a conflict was settled where nobody did it in time
UNNUMBERED = ("system", "anonymous", "customer")  # there is one, or its id tells people nothing
WARNINGS = ("refused", "locked", "blocked", "suspend", "decline", "reject", "disable", "lost", "dispossess")


def audit_story(
    lines: Sequence[AuditLine],
    words: DeskWords,
    names: Mapping[int, str],
    *,
    hrefs: Mapping[int, str] | None = None,
    subject_names: Mapping[int, str] | None = None,
) -> list[StoryLine]:
    """Audit rows in words, newest first as they come. `names`: of staff and others by id; `hrefs`: sources by subject;
    `subject_names`: what a line is about where a story joins several subjects.
    """
    return [_line(line, words, names, hrefs or {}, subject_names or {}) for line in lines]


def who_text(actor: str, words: DeskWords, names: Mapping[int, str]) -> str:
    """`Rani (petugas)`: an actor as people know them; a customer is nobody further, as the number stands there."""
    kind, _, id_ = actor.partition(":")
    number = int(id_) if id_.isdigit() else 0
    role = words.known(f"desk.actor.{kind}", kind)
    return f"{names[number]} ({role})" if number in names else role if kind in UNNUMBERED else f"{role} {id_}"


async def names_in(connection: Connection, lines: Sequence[AuditLine], *more: str) -> dict[int, str]:
    """Names by id of whoever acted in some lines, and of further actors (`staff:123`)."""
    return await actor_names(connection, (*(line.actor for line in lines), *more))


def _line(
    line: AuditLine, words: DeskWords, names: Mapping[int, str], hrefs: Mapping[int, str], about: Mapping[int, str]
) -> StoryLine:
    what = words.known(f"desk.act.{line.action}", line.action)
    if line.subject_id in about:
        what = f"{what}: {about[line.subject_id]}"
    return StoryLine(
        at=line.at,
        what=what,
        who=who_text(line.actor, words, names),
        why=why_text(line.data, words),
        href=hrefs.get(line.subject_id, ""),
        tone=_tone(line.action),
    )


def why_text(data: Mapping[str, Any], words: DeskWords) -> str:
    """Why something was done, by the first of its data that says so; empty where none does."""
    for name in REASONS:
        value = data.get(name)
        if value and (name != "code" or f"refusal.{value}" in catalogue()):  # an outlet's own code is no reason
            key = f"desk.settled_by_rule.{str(value).removeprefix(BY_RULE)}"
            return words.known(key if str(value).startswith(BY_RULE) else f"desk.code.{value}", str(value))
    return ""


def _tone(action: str) -> BadgeTone:
    return "warn" if any(word in action for word in WARNINGS) else "plain"
