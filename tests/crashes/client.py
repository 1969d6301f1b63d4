"""A seller's phone: mints a ref, notes it, sends it until it hears one of three words or a refusal, and looks again."""

import asyncio
import contextlib
import random
import re
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
from tests.crashes.journal import WORDS, Journal
from tests.crashes.world import Seller, World

PRODUCTS = ("PULSA5", "PULSA5", "PULSA10", "PULSA50", "S50D1", "S50D1", "D1G1")
ANSWER_WITHIN_S = 8
RETRY_S = (0.05, 0.6)
REST_S = (0.05, 0.35)
LOOK_EVERY_S = 1.0
END_WITHIN_S = 120  # the deadline is 20 s; the rest is for a system that is down again and again
NEW_OTP_S = 5
# What says that nothing moved. Anything else that is no word is unclear, and asked again.
REFUSALS = {"INSUFFICIENT_BALANCE", "DUPLICATE_SALE", "REF_REUSED"}


class Unclear(Exception):  # noqa: N818 - says what is the case
    """No answer, or none that says what became of it."""


@dataclass(frozen=True)
class Wish:
    """One sale as it is sent, again and again the same."""

    client_ref: str
    product: str
    msisdn: str
    second: bool


class Client:
    """One seller with a session, a journal, and a partner in the same outlet who now and then sends the same ref."""

    def __init__(self, seller: Seller, world: World, *, folder: Path, base_url: str, seed: int) -> None:
        self.seller, self.world = seller, world
        self.dice = random.Random(f"client/{seed}/{seller.username}")
        self.journal = Journal(folder / f"{seller.username}.journal")
        self.partner: Client | None = None
        self.asked: list[Wish] = []  # by the partner, to be sent too
        self.sold: list[Wish] = []
        self.counts: Counter[str] = Counter()
        self.is_in = asyncio.Event()
        self._base = f"{base_url}/api/v1"
        self._simulator = f"{base_url}/simulator"
        self._looking: set[asyncio.Task[None]] = set()
        address = f"10.1.{self.dice.randrange(256)}.{self.dice.randrange(1, 255)}"
        self._headers = {"X-Forwarded-For": address, "Accept-Language": "en"}

    async def work(self, stop: asyncio.Event) -> None:
        """Sell until told to stop, then hear how everything ended."""
        timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN_S)
        async with aiohttp.ClientSession(headers=self._headers, timeout=timeout) as self._http:
            await self._log_in()
            self.is_in.set()
            while not stop.is_set():
                await self._sell(self._next())
                await asyncio.sleep(self.dice.uniform(*REST_S))
            if self._looking:
                await asyncio.gather(*self._looking)
        self.journal.close()

    def _next(self) -> Wish:
        chance = self.dice.random()
        if self.asked:
            return self.asked.pop()
        if self.sold and chance < 0.05:
            return self.dice.choice(self.sold)  # a retry long after the answer
        ref = str(UUID(int=self.dice.getrandbits(128), version=4))
        customer = self.dice.choice(self.world.customers)
        wish = Wish(ref, self.dice.choice(PRODUCTS), f"0{str(customer)[2:]}", second=chance < 0.97)
        if chance < 0.12 and self.partner is not None:
            self.partner.asked.append(wish)
            self.counts["twins"] += 1
        return wish

    async def _sell(self, wish: Wish) -> None:
        """Send until it is clear. What is noted as sent is on the disk before."""
        self._note_durably("send", wish)
        while True:
            try:
                status, answer = await self._post("/sales", {**asdict(wish), "pin": self.seller.pin})
            except Unclear as why:
                self._note("unclear", wish, why=str(why))
                self.counts["retries"] += 1
                await asyncio.sleep(self.dice.uniform(*RETRY_S))
                continue
            break
        if status in {200, 201}:
            self._heard(wish, answer)
        elif answer.get("code") in REFUSALS:
            self.counts[answer["code"]] += 1
            self._note("refused", wish, code=answer["code"])
        else:
            self._note("fault", wish, why=f"answered {status} {answer}")

    def _heard(self, wish: Wish, sale: dict[str, Any]) -> None:
        self.counts[sale["status"]] += 1
        self._note("word", wish, status=sale["status"], sale=sale["id"])
        self.sold.append(wish)
        if sale["status"] == "checking":
            looking = asyncio.create_task(self._look(wish, sale["id"]))
            self._looking.add(looking)
            looking.add_done_callback(self._looking.discard)
        if self.dice.random() < 0.03:
            again = asyncio.create_task(self._reuse(wish))
            self._looking.add(again)
            again.add_done_callback(self._looking.discard)

    async def _look(self, wish: Wish, sale_id: str) -> None:
        """Look until the sale has ended; a word that was final does not change."""
        deadline = time.monotonic() + END_WITHIN_S
        while time.monotonic() < deadline:
            await asyncio.sleep(LOOK_EVERY_S)
            with contextlib.suppress(Unclear):
                status, sale = await self._get(f"/sales/{sale_id}")
                if status != 200 or sale["status"] not in WORDS:
                    self._note("fault", wish, why=f"looked and was answered {status} {sale}")
                    return
                if sale["status"] != "checking":
                    self._note("word", wish, status=sale["status"], sale=sale["id"])
                    return
        self._note("fault", wish, why=f"checking for more than {END_WITHIN_S} s")

    async def _reuse(self, wish: Wish) -> None:
        """The ref of a sale with another body sells nothing."""
        body = {**asdict(wish), "product": "PULSA20", "pin": self.seller.pin}
        with contextlib.suppress(Unclear):
            status, answer = await self._post("/sales", body)
            self.counts["REF_REUSED"] += 1
            if answer.get("code") != "REF_REUSED":
                self._note("fault", wish, why=f"reuse was answered {status} {answer}")

    async def _log_in(self) -> None:
        """Password, then the OTP from the handset; from the beginning when anything stands in the way."""
        while True:
            with contextlib.suppress(Unclear):
                given = {"username": self.seller.username, "password": self.seller.password}
                status, login = await self._post("/login", given)
                if status == 200 and (token := await self._enter(login["login_id"])):
                    self._http.headers["Authorization"] = f"Bearer {token}"
                    return
            self.counts["log-ins repeated"] += 1
            await asyncio.sleep(1 + self.dice.random())

    async def _enter(self, login_id: str) -> str | None:
        known: set[str] = set()
        deadline = time.monotonic() + NEW_OTP_S
        while time.monotonic() < deadline:
            await asyncio.sleep(0.3)
            _, found = await self._get(f"{self._simulator}/handsets/{self.seller.msisdn}/messages")
            codes = [code for each in found["messages"] if (code := _otp_in(each["text"])) and code not in known]
            for code in codes[-1:]:
                known.add(code)
                status, opened = await self._post(f"/login/{login_id}/otp", {"code": code})
                if status == 200:
                    return str(opened["token"])
        return None

    async def _post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return await self._call("POST", self._base + path, json=body)

    async def _get(self, path: str) -> tuple[int, dict[str, Any]]:
        return await self._call("GET", path if path.startswith("http") else self._base + path)

    async def _call(self, method: str, url: str, **more) -> tuple[int, dict[str, Any]]:
        """An answer that says something. Raises Unclear for 429, 5xx and a broken line."""
        try:
            async with self._http.request(method, url, **more) as answer:
                body = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Unclear(type(error).__name__) from error
        if answer.status == 429 or answer.status >= 500:
            raise Unclear(str(answer.status))
        return answer.status, body

    def _note(self, what: str, wish: Wish, **more) -> None:
        self.journal.note(what, wish.client_ref, outlet=self.seller.outlet_id, at=time.time(), **more)

    def _note_durably(self, what: str, wish: Wish) -> None:
        self.journal.note_durably(what, wish.client_ref, outlet=self.seller.outlet_id, at=time.time(), **asdict(wish))


def _otp_in(text: str) -> str | None:
    found = re.search(r"\b\d{6}\b", text)
    return found[0] if found else None


def clients_of(world: World, *, folder: Path, base_url: str, seed: int) -> list[Client]:
    """Two in each outlet, each the other's partner."""
    folder.mkdir(parents=True, exist_ok=True)
    clients = []
    for pair in world.sellers:
        one, two = (Client(seller, world, folder=folder, base_url=base_url, seed=seed) for seller in pair)
        one.partner, two.partner = two, one
        clients += [one, two]
    return clients
