"""A small cast for tests of access and the channel: a partner, outlets, users with phones that receive OTPs."""

import itertools
from datetime import datetime, timedelta
from functools import cache

import msgspec
from tests.conftest import NOON

from konter.access import tokens
from konter.access.enter_otp import enter_otp
from konter.access.login import Attempt, log_in
from konter.access.model import LoginStarted, Origin, Principal, SessionOpened, User, UserKind
from konter.access.passwords import Passwords
from konter.access.pins import pin_hash
from konter.access.queries.users import read_user
from konter.access.sessions import authenticate
from konter.access.staff.add import NewStaff, add_staff
from konter.access.step import IDS_MAX, Step
from konter.channel.add_users import add_users
from konter.channel.model import NewArea, NewOutlet, NewPartner, NewUser, Outlet
from konter.channel.open_outlets import open_outlets
from konter.channel.partner_users.add import add_partner_users
from konter.channel.partner_users.model import NewPartnerUser
from konter.channel.partners import open_partners, set_areas
from konter.platform.audit import SYSTEM
from konter.platform.clock import FrozenClock
from konter.platform.db import Connection, Pool
from konter.platform.ids import IdBlocks, Msisdn, OutletId, PartnerId, UserId
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys
from konter.rules.load import decide_load, read_ruleset
from konter.rules.model import Rulebook, RuleRow, Rules
from konter.rules.ruleset import Ruleset
from konter.subscriber.open import NewSubscription, open_subscriptions
from konter.terms.accept import record_acceptances
from konter.terms.load import load_documents, shipped_documents
from konter.terms.model import Acceptance

PASSWORD = "kopi-hitam-29"
PIN = "739164"
SALT = b"salt of the test"
HOME = Origin("203.0.113.7", "Mozilla/5.0 (Linux; Android 4.4)")
_numbers = itertools.count(1)


@cache
def rules() -> Rules:
    """The default ruleset at noon, without a database."""
    ruleset = read_ruleset("id-2014")
    assert isinstance(ruleset, Ruleset)
    rows = [row for row in decide_load(Rulebook([], 1), ruleset, now=NOON, actor=SYSTEM) if isinstance(row, RuleRow)]
    return Rulebook(rows, 1).at(NOON)


@cache
def _hash_of(password: str, passwords: Passwords) -> str:
    return passwords._hasher.hash(password)


class Stage:
    """A database with the cast on it. Every call makes fresh people; numbers and names are never used twice."""

    def __init__(self, pool: Pool, ids: IdBlocks, keys: Keys, clock: FrozenClock, passwords: Passwords) -> None:
        self.pool, self.ids, self.keys, self.clock, self.passwords = pool, ids, keys, clock, passwords
        self.rules = rules()
        self.partner_id = PartnerId(0)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def given(self) -> dict:
        """What every verb of access is given."""
        return {"now": self.now, "ids": self.ids, "keys": self.keys, "rules": self.rules}

    async def set(self) -> "Stage":
        """Documents, an area and a partner."""
        async with self.pool.acquire() as connection:
            await load_documents(connection, shipped_documents())
            areas = [NewArea(code="JBJB", name="Jawa Barat", level="area")]
            await set_areas(connection, areas, actor=SYSTEM, now=self.now, ids=self.ids)
            partner = NewPartner(code=f"SBP-{next(_numbers)}-{id(self) % 10**6}", name="Mitra Jaya", area="JBJB")
            self.partner_id = (await open_partners(connection, [partner], actor=SYSTEM, now=self.now, ids=self.ids))[0]
        return self

    async def number(self, *, active: bool = True, prefix: str = "62812") -> Msisdn:
        """A number of the operator in use."""
        msisdn = Msisdn(int(f"{prefix}{next(_numbers):08d}"))
        until = self.now + timedelta(days=30 if active else -1)
        async with self.pool.acquire() as connection:
            await open_subscriptions(
                connection,
                [NewSubscription(msisdn=msisdn, brand="nusa", active_until=until)],
                now=self.now,
                ids=self.ids,
            )
        return msisdn

    async def new_outlet(self, **changed) -> NewOutlet:
        """An outlet as an applicant describes it."""
        n = next(_numbers)
        fields = {
            "code": f"OTL-{n}",
            "name": f"Sukses Cell {n}",
            "partner_id": self.partner_id,
            "area": "JBJB",
            "reseller_msisdn": changed.get("reseller_msisdn") or await self.number(),
            "address": "Jl. Merdeka 1, Bandung",
        }
        return NewOutlet(**{**fields, **changed})

    async def open_outlets(self, *new: NewOutlet) -> list[Refusal | Outlet]:
        async with self.pool.acquire() as connection:
            return await open_outlets(connection, new, actor=SYSTEM, now=self.now, ids=self.ids, rules=self.rules)

    async def outlet(self, **changed) -> OutletId:
        """An open outlet."""
        (outlet,) = await self.open_outlets(await self.new_outlet(**changed))
        assert isinstance(outlet, Outlet), outlet
        return outlet.id

    async def new_user(self, outlet_id: OutletId, **changed) -> NewUser:
        """A front-liner as the owner describes one."""
        fields = {
            "outlet_id": outlet_id,
            "username": f"kasir{next(_numbers)}",
            "name": "Siti Kasir",
            "role": "FRONTLINER",
            "nn_msisdn": changed.get("nn_msisdn") or await self.number(),
            "nn_type": "FRONTLINER",
        }
        return NewUser(**{**fields, **changed})

    async def add_users(self, *new: NewUser) -> list[Refusal | UserId]:
        async with self.pool.acquire() as connection:
            return await add_users(connection, new, actor=SYSTEM, now=self.now, ids=self.ids, rules=self.rules)

    async def user(self, outlet_id: OutletId | None = None, **changed) -> User:
        """A user who has changed the password, agreed to everything and set a PIN."""
        ready = {
            "password_hash": _hash_of(PASSWORD, self.passwords),
            "password_initial": False,
            "pin_salt": SALT,
            "pin_hash": pin_hash(self.keys, SALT, PIN),
        }
        (user_id,) = await self.add_users(await self.new_user(outlet_id or await self.outlet(), **{**ready, **changed}))
        assert not isinstance(user_id, Refusal), user_id
        await self._agree(user_id)
        return await self.reread(user_id)

    async def _agree(self, user_id: UserId) -> None:
        async with self.pool.acquire() as connection:
            await record_acceptances(
                connection,
                [
                    Acceptance(
                        user_id=user_id, code=d.code, version=d.version, way="agreed", at=self.now, session_id=None
                    )
                    for d in shipped_documents()
                ],
            )

    async def newcomer(self, **changed) -> User:
        """A user with an initial password, who has agreed to nothing and has no PIN."""
        fields = {"password_hash": _hash_of(PASSWORD, self.passwords), **changed}
        (user_id,) = await self.add_users(await self.new_user(await self.outlet(), **fields))
        assert not isinstance(user_id, Refusal), user_id
        return await self.reread(user_id)

    async def new_partner_user(self, **changed) -> NewPartnerUser:
        """An administrator of the partner as staff describe one."""
        fields = {
            "partner_id": self.partner_id,
            "username": f"mitra{next(_numbers)}",
            "name": "Rina Mitra",
            "role": "SBP_ADMIN",
            "msisdn": changed.get("msisdn") or await self.number(),
        }
        return NewPartnerUser(**{**fields, **changed})

    async def add_partner_users(self, *new: NewPartnerUser) -> list[Refusal | UserId]:
        async with self.pool.acquire() as connection:
            return await add_partner_users(connection, new, actor=SYSTEM, now=self.now, ids=self.ids, rules=self.rules)

    async def partner_user(self, **changed) -> User:
        """A user of the partner who has changed the password and agreed to everything."""
        ready = {"password_hash": _hash_of(PASSWORD, self.passwords), "password_initial": False}
        (user_id,) = await self.add_partner_users(await self.new_partner_user(**{**ready, **changed}))
        assert not isinstance(user_id, Refusal), user_id
        await self._agree(user_id)
        return await self.reread(user_id, "partner")

    async def staff(self, *roles: str, area: str | None = None) -> Principal:
        """A member of staff with a session, who needs no code."""
        new = NewStaff(
            username=f"petugas{next(_numbers)}",
            name="Dewi Kantor",
            roles=roles,
            area=area,
            password_hash=_hash_of(PASSWORD, self.passwords),
            totp_required=False,
        )
        async with self.pool.acquire() as connection:
            (staff_id,) = await add_staff(connection, [new], actor=SYSTEM, now=self.now, ids=self.ids)
        assert not isinstance(staff_id, Refusal), staff_id
        opened = await self.log_in(new.username)
        assert isinstance(opened, SessionOpened), opened
        who = await self.who(opened.token)
        assert isinstance(who, Principal), who
        return who

    async def step(self, connection: Connection) -> Step:
        """What a step of access is given at this moment."""
        own = await self.ids.reserve(connection, 3 * IDS_MAX)
        return Step(now=self.now, ids=own, keys=self.keys, rules=self.rules)

    async def other_partner(self) -> PartnerId:
        """A stranger to the stage's own partner."""
        new = NewPartner(code=f"SBP-{next(_numbers)}-{id(self) % 10**6}", name="Mitra Lain", area="JBJB")
        async with self.pool.acquire() as connection:
            (partner_id,) = await open_partners(connection, [new], actor=SYSTEM, now=self.now, ids=self.ids)
        assert not isinstance(partner_id, Refusal), partner_id
        return partner_id

    async def reread(self, user_id: UserId, kind: UserKind = "outlet") -> User:
        async with self.pool.acquire() as connection:
            return await read_user(connection, user_id, kind)

    async def log_in(
        self, username: str, password: str = PASSWORD, *, origin: Origin = HOME
    ) -> Refusal | LoginStarted | SessionOpened:
        attempt = Attempt(username=username, password=password, origin=origin)
        return await log_in(self.pool, self.passwords, attempt, **self.given)

    async def enter(self, login_id: str, code: str, *, origin: Origin = HOME) -> Refusal | SessionOpened:
        async with self.pool.acquire() as connection:
            return await enter_otp(connection, login_id, code, origin=origin, **self.given)

    async def session(self, user: User, *, origin: Origin = HOME) -> SessionOpened:
        """Log a user in, all the way."""
        started = await self.log_in(user.username, origin=origin)
        assert isinstance(started, LoginStarted), started
        opened = await self.enter(started.login_id, await self.last_otp(user.nn_msisdn), origin=origin)
        assert isinstance(opened, SessionOpened), opened
        return opened

    async def who(self, token: str, at: Rules | None = None) -> Principal | Refusal:
        claims = tokens.parse(self.keys, token)
        assert claims is not None
        async with self.pool.acquire() as connection:
            return await authenticate(connection, claims, now=self.now, rules=at or self.rules)

    async def principal(self, user: User) -> Principal:
        who = await self.who((await self.session(user)).token)
        assert isinstance(who, Principal), who
        return who

    async def texts(self, msisdn: Msisdn, template: str = "otp") -> list[dict]:
        """What was sent to a phone, secrets opened, oldest first."""
        rows = await self.pool.fetch(
            "SELECT body FROM outbox WHERE body->>'to' = $1 AND body->>'template' = $2 ORDER BY at, id",
            str(msisdn),
            template,
        )
        bodies = [row["body"] for row in rows]
        return [msgspec.json.decode(self.keys.unseal(b["sealed"])) if "sealed" in b else b["data"] for b in bodies]

    async def last_otp(self, msisdn: Msisdn) -> str:
        return (await self.texts(msisdn))[-1]["code"]

    async def audit(self, subject: int) -> list[str]:
        rows = await self.pool.fetch("SELECT action FROM audit WHERE subject_id = $1 ORDER BY at, id", subject)
        return [row["action"] for row in rows]


def wrong(code: str) -> str:
    """A code of the same shape that is not it."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"


def code_of(outcome: object) -> str:
    """The refusal's code; fails for anything else."""
    assert isinstance(outcome, Refusal), outcome
    return outcome.code
