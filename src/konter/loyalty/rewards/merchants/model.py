"""Burning codes as a pure decision, and what a merchant may know of a code. [P-23]"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from konter.access.clients.model import Scope
from konter.loyalty.rewards.redemption.model import CodeId
from konter.loyalty.rewards.refusals import (
    BURN_REF_REUSED,
    CODE_BURNT,
    CODE_EXPIRED,
    CODE_OF_ANOTHER,
    CODE_UNKNOWN,
    MERCHANT_NOT_FOUND,
)
from konter.platform.audit import Actor
from konter.platform.clock import WIB
from konter.platform.refusal import Refusal

BurnChannel = Literal["web", "sms", "api"]
AGAIN_FOR = timedelta(minutes=10)  # so long whoever burnt a code may have missed the answer
BURN_SCOPE: Scope = "vouchers.burn"  # of the API client that is a merchant's machine


class BurnRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A merchant burns a code; `client_ref` was minted by the merchant and stays the same on a retry."""

    merchant: str
    code: str
    client_ref: UUID
    channel: BurnChannel
    actor: Actor

    @property
    def ref_cell(self) -> int:
        """The cell of the merchant's reference."""
        return self.client_ref.bytes[0]


class IssuedCode(msgspec.Struct, kw_only=True):
    """A code that a customer has, as read under its lock; burning moves it within a batch. Who has it, nobody asks."""

    id: CodeId
    cell: int
    reward: str
    merchant: str | None
    merchant_closed: bool
    expires_at: datetime | None
    issued_at: datetime
    burnt_at: datetime | None
    name_id: str
    name_en: str
    terms_id: str
    terms_en: str


class CodeView(msgspec.Struct, frozen=True, kw_only=True):
    """What a merchant sees of a code of its own: what it is good for, until when, and whether it was burnt."""

    reward: str
    name_id: str
    name_en: str
    terms_id: str
    terms_en: str
    issued_at: datetime
    expires_at: datetime | None
    burnt_at: datetime | None
    refusal: Refusal | None

    def name(self, locale: str) -> str:
        """The reward's name in the reader's language."""
        return self.name_en if locale == "en" else self.name_id

    def terms(self, locale: str) -> str:
        """The reward's terms in the reader's language."""
        return self.terms_en if locale == "en" else self.terms_id


class BurnOutcome(msgspec.Struct, frozen=True):
    """What became of one request: the code as it is burnt now, or a refusal."""

    view: CodeView | None = None
    refusal: Refusal | None = None
    replay: bool = False


class BurnState:
    """What a batch rests on: codes by their hash, and earlier burns by (merchant, reference)."""

    def __init__(
        self,
        codes: Mapping[bytes, IssuedCode],
        burns: Mapping[tuple[str, UUID], CodeId],
        *,
        now: datetime,
    ) -> None:
        self.codes = codes
        self.burns = dict(burns)
        self.now = now
        self.burnt: list[tuple[BurnRequest, IssuedCode]] = []


def decide_burns(state: BurnState, requests: Sequence[BurnRequest], hashes: Sequence[bytes]) -> list[BurnOutcome]:
    """Burn each code once, in order of arrival; only the merchant's own, issued and in time. Pure. [P-23]"""
    outcomes = []
    for request, hash_ in zip(requests, hashes, strict=True):
        code = state.codes.get(hash_)
        before = state.burns.get((request.merchant, request.client_ref))
        if before is not None:
            if code is not None and before == code.id:
                outcomes.append(BurnOutcome(view=view_of(code, refusal=None), replay=True))
            else:
                outcomes.append(BurnOutcome(refusal=BURN_REF_REUSED()))
        elif code is None:
            outcomes.append(BurnOutcome(refusal=CODE_UNKNOWN()))
        elif refusal := code_refusal(code, request.merchant, now=state.now):
            outcomes.append(BurnOutcome(refusal=refusal))
        else:
            code.burnt_at = state.now
            state.burns[(request.merchant, request.client_ref)] = code.id
            state.burnt.append((request, code))
            outcomes.append(BurnOutcome(view=view_of(code, refusal=None)))
    return outcomes


def code_refusal(code: IssuedCode, merchant: str, *, now: datetime) -> Refusal | None:
    """Why a merchant cannot burn an issued code. One of no merchant is unknown to all: whoever types it into its
    provider's page has what it gives, so nobody learns here that it is real.
    """
    if code.merchant is None:
        return CODE_UNKNOWN()
    if code.merchant != merchant:
        return CODE_OF_ANOTHER()
    if code.merchant_closed:
        return MERCHANT_NOT_FOUND(merchant=merchant)
    if code.burnt_at is not None:
        return CODE_BURNT(at=code.burnt_at, shown=f"{code.burnt_at.astimezone(WIB):%d/%m/%Y %H:%M}")
    if code.expires_at is not None and code.expires_at <= now:
        return CODE_EXPIRED(at=code.expires_at)
    return None


def is_asked_again(code: IssuedCode, *, burnt_by: str | None, by: Actor, now: datetime) -> bool:
    """Whether whoever burnt a code asks for it again, shortly after."""
    return code.burnt_at is not None and burnt_by == by.text and now - code.burnt_at <= AGAIN_FOR


def view_of(code: IssuedCode, *, refusal: Refusal | None) -> CodeView:
    """A code for its merchant's eyes."""
    return CodeView(
        reward=code.reward,
        name_id=code.name_id,
        name_en=code.name_en,
        terms_id=code.terms_id,
        terms_en=code.terms_en,
        issued_at=code.issued_at,
        expires_at=code.expires_at,
        burnt_at=code.burnt_at,
        refusal=refusal,
    )
