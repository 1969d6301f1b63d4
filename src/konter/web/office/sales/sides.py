"""What the sides of a transfer say: sale, payment, receipt and network."""

from collections.abc import Mapping
from typing import Any

from konter.platform.money import rupiah
from konter.web.desk.views import Badge, Fact
from konter.web.desk.words import DeskWords


def side_facts(
    words: DeskWords, said: Mapping[str, Any], *, before: Mapping[str, Any] | None = None
) -> tuple[Fact, ...]:
    """What sale, payment, receipt and network say; what changed since `before` is marked."""
    return tuple(
        Fact(
            label=words.known(f"office.side.{name}", name),
            text=_said(words, name, value),
            badge=Badge(text=words.t("office.side.changed"), tone="info")
            if before is not None and before.get(name) != value
            else None,
        )
        for name, value in said.items()
        if not isinstance(value, list | dict)
    )


def _said(words: DeskWords, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return words.t("desk.yes") if value else words.t("desk.no")
    if name.endswith("_rp") or name in ("promised", "credited"):
        return rupiah(int(value))
    return words.known(f"office.word.{value}", str(value))
