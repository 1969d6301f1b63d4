"""What a number was and is at outlets: for staff, and for a partner at its own. [D-31, D-32, D-58]"""

from konter.channel.numbers.read import NumberStory
from konter.web.desk.views import Fact, Facts, StoryLine
from konter.web.desk.words import DeskWords


def registered(words: DeskWords, story: NumberStory | None, root: str) -> list[StoryLine]:
    """When the number was an outlet's, and as what. `root`: of the desk whose pages lines lead to."""
    lines = list[StoryLine]()
    for each in story.stretches if story else ():
        one = each.registration
        what = words.t(f"office.number.as_{one.kind}", name=each.outlet_name)
        href = f"{root}/outlet/{one.outlet_id}"
        lines.append(StoryLine(at=one.begun_at, what=what, why=each.user_name or "", href=href, tone="ok"))
        if one.ended_at is not None:
            gone = words.t("office.number.ended", name=each.outlet_name)
            why = words.known(f"office.ended.{one.ended_why}", one.ended_why or "")
            lines.append(StoryLine(at=one.ended_at, what=gone, why=why, href=href, tone="warn"))
    return lines


def in_channel(words: DeskWords, channel: NumberStory | None, root: str, *, conflicts_href: str = "") -> Facts:
    """The outlet that has the number now, and what two outlets say of it. `conflicts_href`: where conflicts have pages,
    empty at a desk that has none.
    """
    none = words.t("desk.none")
    held = channel.number.held_by if channel else None
    names = {each.registration.outlet_id: each.outlet_name for each in channel.stretches} if channel else {}
    conflicts = channel.conflicts if channel else ()
    return Facts(
        title=words.t("office.number.channel"),
        facts=(
            Fact(
                label=words.t("office.number.held_by"),
                text=names.get(held, str(held)) if held else none,
                href=f"{root}/outlet/{held}" if held else "",
            ),
            Fact(
                label=words.t("office.number.conflicts"),
                text=str(len(conflicts)) if conflicts else none,
                href=f"{conflicts_href}/{conflicts[0].id}" if conflicts and conflicts_href else "",
            ),
        ),
    )
