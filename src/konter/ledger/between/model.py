"""Value that goes from one owner to another where no transaction holds both, decided. Pure.

Three steps, each in one owner's cell, each safe to repeat: the payer *sends* (a pending transfer), the receiver
*receives* or refuses (once per transfer id, with a receipt), the payer *settles* by what the receiver said. The two
sides need not be of one asset or amount: each balances against the house in its own cell, and the transfer id links
them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from konter.ledger.model import Account, Books, Draft, House, Pending, Receipt, Shortfall
from konter.platform.ids import OwnerId, TransferId, cell_of_id

SHORT = "SHORT"  # the payer has not all of it
TOO_LATE = "TOO_LATE"  # the deadline had come before it was sent
WITHDRAWN = "WITHDRAWN"  # ended before it was sent
EXPIRED = "EXPIRED"  # the account that was to get it has expired


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """An amount on one of an owner's accounts."""

    kind: str
    asset: str
    amount: int
    source: str = ""
    expires_at: datetime | None = None


class Sending(msgspec.Struct, frozen=True, kw_only=True):
    """What a payer is to send. `id` was made in the payer's cell by whoever asks, and makes it the same wish for ever.

    All parts or none. `to` is the house account that gets them when they are posted; `kind` that of the transfers.
    """

    id: TransferId
    owner_id: OwnerId
    parts: tuple[Part, ...]
    to: str
    kind: str
    deadline: datetime
    reference_id: int
    rule: str


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """How a sending stands. refused: nothing left the payer, and never will under this id; `reason` says why, and of
    SHORT `left` and `wanted` what was there of which amount. `new`: it became so just now.
    """

    id: TransferId
    state: Literal["pending", "posted", "voided", "refused"]
    new: bool = False
    reason: str = ""
    left: int = 0
    wanted: int = 0


class Receiving(msgspec.Struct, frozen=True, kw_only=True):
    """What a receiver is to get under a sending's id, from the house account `source`; or, with `refuse`, the code of
    why it is to promise never to take it.
    """

    id: TransferId
    owner_id: OwnerId
    parts: tuple[Part, ...]
    source: str
    kind: str
    reference_id: int
    rule: str
    refuse: str = ""


class Credited(msgspec.Struct, frozen=True):
    """What one account got, with before and after."""

    kind: str
    asset: str
    amount: int
    before: int
    after: int


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it at the receiver, as it was decided the first time; `new`: that was just now."""

    id: TransferId
    parts: tuple[Credited, ...] = ()
    reason: str = ""
    new: bool = False

    @property
    def refused(self) -> bool:
        """Whether the receiver will never take it."""
        return not self.parts


class Settling(msgspec.Struct, frozen=True, kw_only=True):
    """How a sending ends: by what its receiver said, or, where it never had a receiver's word, by nobody but the caller
    who makes sure that there will never be one.
    """

    id: TransferId
    owner_id: OwnerId
    reference_id: int
    post: bool


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What a cell knows under an id: the sending's state, if it was sent here, and the receipt, if there is one."""

    state: Literal["pending", "posted", "voided"] | None
    outcome: Literal["received", "refused"] | None
    data: Any = None


class Batch:
    """One batch in one step: what its cell knew under the lock, its books, and the receipts that it makes."""

    def __init__(self, known: Mapping[TransferId, Known], books: Books, *, now: datetime) -> None:
        self.known = dict(known)
        self.books = books
        self.now = now
        self.receipts: list[Receipt] = []

    def receipt(
        self, id_: TransferId, owner_id: OwnerId, outcome: Literal["received", "refused"], data: dict[str, Any]
    ) -> None:
        """Make one, and know it from now on."""
        self.receipts.append(
            Receipt(transfer_id=id_, cell=cell_of_id(owner_id), owner_id=owner_id, outcome=outcome, data=data)
        )
        before = self.known[id_]
        self.known[id_] = msgspec.structs.replace(before, outcome=outcome, data=data)


def decide_sendings(batch: Batch, sendings: Sequence[Sending]) -> list[Sent]:
    """Send each once per id. A refusal is kept like a receipt: a repeat is answered alike, whatever came since."""
    return [_send(batch, sending) for sending in sendings]


def _send(batch: Batch, sending: Sending) -> Sent:
    known = batch.known[sending.id]
    if known.state is not None:
        return Sent(id=sending.id, state=known.state)
    if known.outcome == "refused":
        return Sent(id=sending.id, state="refused", **known.data)
    assert known.outcome is None, "what was received had been sent"
    why = _hindrance(batch, sending)
    if why:
        batch.receipt(sending.id, sending.owner_id, "refused", why)
        return Sent(id=sending.id, state="refused", new=True, **why)
    drafts = [
        Draft(sending.kind, account, House(sending.to), part.amount, part.asset)
        for part, account in _accounts(batch.books, sending)
        if account is not None
    ]
    made = batch.books.pend_linked(
        drafts,
        deadline=sending.deadline,
        reference_id=sending.reference_id,
        rule=sending.rule,
        first_id=sending.id,
    )
    assert not isinstance(made, Shortfall), "what is sent is there, as was just seen"
    batch.known[sending.id] = msgspec.structs.replace(known, state="pending")
    return Sent(id=sending.id, state="pending", new=True)


def _hindrance(batch: Batch, sending: Sending) -> dict[str, Any]:
    if sending.deadline <= batch.now:
        return {"reason": TOO_LATE}
    for part, account in _accounts(batch.books, sending):
        left = account.balance - account.floor if account is not None else 0
        if left < part.amount:
            return {"reason": SHORT, "left": left, "wanted": part.amount}
    return {}


def _accounts(books: Books, sending: Sending) -> Iterable[tuple[Part, Account | None]]:
    for part in sending.parts:
        yield (
            part,
            books.find(sending.owner_id, part.kind, part.asset, source=part.source, expires_at=part.expires_at),
        )


def decide_receivings(batch: Batch, receivings: Sequence[Receiving]) -> list[Received]:
    """Credit each once per id, or refuse it for ever; a known one is answered as it was the first time."""
    return [_receive(batch, receiving) for receiving in receivings]


def _receive(batch: Batch, receiving: Receiving) -> Received:
    known = batch.known[receiving.id]
    new = known.outcome is None
    expired = any(part.expires_at is not None and part.expires_at <= batch.now for part in receiving.parts)
    reason = receiving.refuse or (EXPIRED if expired else "")
    if new and reason:
        batch.receipt(receiving.id, receiving.owner_id, "refused", {"reason": reason})
    elif new:
        credited = [msgspec.to_builtins(_credit(batch.books, receiving, part)) for part in receiving.parts]
        batch.receipt(receiving.id, receiving.owner_id, "received", {"parts": credited})
    data = batch.known[receiving.id].data
    parts = msgspec.convert(data.get("parts", ()), tuple[Credited, ...])
    return Received(id=receiving.id, parts=parts, reason=data.get("reason", ""), new=new)


def _credit(books: Books, receiving: Receiving, part: Part) -> Credited:
    account = books.open(
        receiving.owner_id,
        cell_of_id(receiving.owner_id),
        part.kind,
        part.asset,
        source=part.source,
        expires_at=part.expires_at,
    )
    before = account.balance
    draft = Draft(receiving.kind, House(receiving.source), account, part.amount, part.asset)
    made = books.move([draft], reference_id=receiving.reference_id, rule=receiving.rule)
    assert not isinstance(made, Shortfall), "the house gives without a floor"
    return Credited(part.kind, part.asset, part.amount, before, account.balance)


def decide_settlements(
    batch: Batch, settlings: Sequence[Settling], pending: Mapping[TransferId, Sequence[Pending]]
) -> list[Sent]:
    """End each sending: posted, or voided; what has ended stays so. One that was never sent is refused for ever."""
    return [_settle(batch, settling, pending.get(settling.id, ())) for settling in settlings]


def _settle(batch: Batch, settling: Settling, parts: Sequence[Pending]) -> Sent:
    known = batch.known[settling.id]
    if known.state == "pending":
        for part in parts:
            batch.books.resolve(part, post=settling.post)
        state: Literal["posted", "voided"] = "posted" if settling.post else "voided"
        batch.known[settling.id] = msgspec.structs.replace(known, state=state)
        return Sent(id=settling.id, state=state, new=True)
    if known.state is not None:
        return Sent(id=settling.id, state=known.state)
    assert not settling.post, "what was never sent cannot be posted"
    if known.outcome is None:
        batch.receipt(settling.id, settling.owner_id, "refused", {"reason": WITHDRAWN})
        return Sent(id=settling.id, state="refused", new=True, reason=WITHDRAWN)
    return Sent(id=settling.id, state="refused", **known.data)
