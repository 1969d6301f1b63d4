"""Why something was done, for colleagues who ask later: the field of a form, and what was written into it."""

from konter.web.desk.views import Field
from konter.web.desk.words import DeskWords
from konter.web.pages import Form

REASON_MIN, REASON_MAX = 3, 500


def reason_field(
    words: DeskWords, *, name: str = "reason", label: str = "desk.column.reason", most: int = REASON_MAX
) -> Field:
    """A field of several lines; `label` is the key of its text, `most` its characters."""
    return Field(
        name=name,
        label=words.t(label),
        kind="area",
        length_min=REASON_MIN,
        length_max=most,
        hint=words.t("desk.for_colleagues"),
    )


def reason_of(form: Form, *, name: str = "reason", most: int = REASON_MAX) -> str | None:
    """The reason as one line; None for one that is too short or too long, or that cannot be read."""
    reason = " ".join(form.text(name).split())
    return reason if REASON_MIN <= len(reason) <= most and reason.isprintable() else None
