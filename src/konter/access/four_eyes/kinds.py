"""What may be proposed: each kind brings the command that an approval runs."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from konter.access.four_eyes.model import Proposal
from konter.access.model import Principal
from konter.access.staff.roles import Permission
from konter.access.step import Step
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.refusal import Refusal


class Approved(msgspec.Struct, frozen=True, kw_only=True):
    """What a kind's command is given: the proposal, who approved it, and a new password for whoever needs one."""

    proposal: Proposal
    actor: Actor
    step: Step
    password: str
    password_hash: str


class ProposalKind(msgspec.Struct, frozen=True, kw_only=True):
    """Something that takes two. `run` is called under the proposal's lock, in its transaction: it decides before it
    writes, so that its refusal leaves nothing behind; what it answers is shown to the approver once and kept nowhere.
    `within`: which of some subjects lie in somebody's area; what does not is no proposal for them. None: all of them.
    """

    propose: Permission
    decide: Permission
    run: Callable[[Connection, Approved], Awaitable[Refusal | dict[str, Any]]]
    within: Callable[[Connection, Principal, Sequence[int]], Awaitable[set[int]]] | None = None


Kinds = Mapping[str, ProposalKind]
