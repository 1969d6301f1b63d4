"""The order of a list of outlets or partners, as its address says it: `urut`, `arah` and, for the next page, `dari`."""

from collections.abc import Mapping

from konter.channel.directory.model import Order, OrderBy, Start
from konter.platform.cursor import cursor_of, cursor_text
from konter.web.desk.tables import named_place, named_place_text, sortable
from konter.web.desk.views import Column
from konter.web.desk.words import DeskWords

WORDS: Mapping[str, OrderBy] = {"nama": "name", "kode": "code", "sejak": "since"}


def order_of(query: Mapping[str, str]) -> Order:
    """By name where nothing else is asked for."""
    return Order(by=WORDS.get(query["urut"], "name"), down=query["arah"] == "turun")


def asked_for(order: Order) -> dict[str, str]:
    """The same as a part of an address; nothing where it is the usual one."""
    urut = next(word for word, by in WORDS.items() if by == order.by)
    return {"urut": urut if order.by != "name" or order.down else "", "arah": "turun" if order.down else ""}


def start_of(order: Order, text: str) -> Start | None:
    """Where a page of the list begins."""
    return cursor_of(text) if order.by == "since" else named_place(text)


def start_text(start: Start) -> str:
    """The same the other way round."""
    key, id_ = start
    return named_place_text(key, id_) if isinstance(key, str) else cursor_text(key, id_)


def ordered_column(words: DeskWords, key: str, path: str, kept: Mapping[str, str], order: Order, by: OrderBy) -> Column:
    """A heading that sorts; `kept` is the rest of the address."""
    names = {meant: word for word, meant in WORDS.items()}
    return sortable(words.t(key), path, kept, by=names[order.by], key=names[by], down=order.down)
