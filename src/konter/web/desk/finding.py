"""A page with one field, that leads to the page of what is typed into it."""

from konter.web.desk.frame import Member
from konter.web.desk.views import Action, Field, ListView


def find_view(found: Member, front: str, href: str, name: str) -> ListView:
    """A page with one field; `front` is the beginning of its texts' keys."""
    words = found.words
    field = Field(name=name, label=words.t(f"{front}field"), hint=words.t(f"{front}hint"), length_max=30)
    action = Action(title=words.t(f"{front}open"), fields=(field,), post=href)
    return ListView(title=words.t(f"{front}find"), note=words.t(f"{front}note"), tables=(), actions=(action,))
