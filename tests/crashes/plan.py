"""What is killed when: a pure function of the seed, so that a run can be repeated."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

# What is killed with -9, and how often of a hundred. A PostgreSQL that lost one backend that way restarts them all.
KILLS = {
    "server": 10,  # its first process; the children notice and leave
    "server child": 16,  # one of the two that answer
    "worker": 20,
    "network": 22,
    "backend": 10,  # a process of PostgreSQL that serves one connection
    "postgres": 6,  # its first process
    "all": 2,  # a power cut of everything that is Konter's
}
# What only hurts, in between.
BLOWS = {
    "cut": 30,  # one connection of the database is ended
    "pause": 30,  # SIGSTOP, and SIGCONT after a while
    "faults": 40,  # the network begins to misbehave in other ways
}
BLOWS_PER_KILL = 0.5
WAIT_MS_MAX = 600
PAUSE_MS = (200, 2_500)
PAUSED = ("server child", "worker", "backend", "network")
FAULTS = ("delay", "refuse", "silent_before", "silent_after", "twice", "late", "stranger")
FAULTS_AT_ONCE_MAX = 3
PERCENT_MAX = 25


@dataclass(frozen=True)
class Blow:
    """One blow, `wait_ms` after the one before and once its target lives. `pick` chooses among equals; `network`: it
    falls while sales go over the network.
    """

    wait_ms: int
    kind: str
    pick: int
    network: bool
    target: str = ""
    pause_ms: int = 0
    faults: dict[str, int] = field(default_factory=dict)

    @property
    def kills(self) -> bool:
        """Whether it counts as a kill."""
        return self.kind in KILLS


def plan(seed: int, kills: int, *, network: bool = True) -> list[Blow]:
    """So many kills, and the lesser blows between them; the first half without a network. [G-D12]"""
    dice = random.Random(f"crashes/{seed}")
    blows: list[Blow] = []
    for n in range(kills):
        over = network and n >= kills // 2
        while dice.random() < BLOWS_PER_KILL / (1 + BLOWS_PER_KILL):
            blows.append(_lesser(dice, over))
        blows.append(_blow(dice, over, _chosen(dice, KILLS, over)))
    return blows


def _lesser(dice: random.Random, network: bool) -> Blow:
    kind = _chosen(dice, BLOWS, network)
    if kind == "pause":
        target = dice.choice(PAUSED if network else PAUSED[:-1])
        return _blow(dice, network, kind, target=target, pause_ms=dice.randint(*PAUSE_MS))
    if kind == "faults":
        return _blow(dice, network, kind, faults=dict(_faults(dice)))
    return _blow(dice, network, kind)


def _blow(dice: random.Random, network: bool, kind: str, **more) -> Blow:
    return Blow(wait_ms=dice.randint(0, WAIT_MS_MAX), kind=kind, pick=dice.getrandbits(30), network=network, **more)


def _chosen(dice: random.Random, weights: dict[str, int], network: bool) -> str:
    possible = {kind: weight for kind, weight in weights.items() if network or kind not in {"network", "faults"}}
    return dice.choices([*possible], [*possible.values()])[0]


def _faults(dice: random.Random) -> Iterator[tuple[str, int]]:
    yield "seed", dice.getrandbits(30)
    yield "delay_ms", dice.randint(50, 1_500)
    yield "late_s", dice.randint(1, 8)
    for name in dice.sample(FAULTS, dice.randint(0, FAULTS_AT_ONCE_MAX)):
        yield name, dice.randint(2, PERCENT_MAX)
