"""What was done at once, and whether it could have been done one after the other.

A history is explained by an order of its operations that (a) never puts one before another that had ended when it
began, (b) keeps the order in which the entries of each account stand in the books, and (c) makes a small sequential
model give every outcome that was seen.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Mark = tuple[str, int]  # kind and reference of the transfers that an operation made
STEPS_MAX = 300_000


@dataclass(eq=False)
class Operation:
    """One thing that somebody did. `begun` and `ended` count events; `after` are operations that it follows by nature.

    `act` does the same to the model and gives what should have come out.
    """

    name: str
    begun: int
    ended: int
    outcome: Any
    act: Callable[[Any], Any]
    mark: Mark | None = None
    after: tuple["Operation", ...] = field(default=(), repr=False)


class Unexplained(AssertionError):  # noqa: N818 - says what is the case
    """No order explains the history."""


class Undecided(AssertionError):  # noqa: N818 - says what is the case
    """There are more orders than can be tried."""


def explain(operations: Sequence[Operation], entries: Iterable[tuple[int, int, Mark]], model: Any) -> list[Operation]:
    """An order that explains everything, found by trying; raises Unexplained, with where the longest try got stuck,
    or Undecided.

    `entries` are account, place in the account, and mark. `model` has `copy()` and `state()`.
    """
    before = _before(operations, entries)
    best: list[Operation] = []
    seen: set[tuple[frozenset[int], Any]] = set()
    stack: list[tuple[list[Operation], Any]] = [([], model)]
    while stack:
        done, state = stack.pop()
        if len(done) > len(best):
            best = done
        if len(done) == len(operations):
            return done
        finished = {id(each) for each in done}
        key = (frozenset(finished), state.state())
        if key in seen:
            continue
        seen.add(key)
        if len(seen) > STEPS_MAX:
            raise Undecided(f"not decided after {STEPS_MAX} steps")
        trials = []
        for next_ in _candidates(operations, finished, before):
            trial = state.copy()
            if next_.act(trial) == next_.outcome:
                trials.append(([*done, next_], trial))
                if (
                    trial.state() == key[1]
                ):  # it changes nothing: whatever explains the rest later explains it from here
                    trials = trials[-1:]
                    break
        stack += reversed(trials)
    raise Unexplained(_stuck(operations, best, before, model))


def _candidates(
    operations: Sequence[Operation], finished: set[int], before: Mapping[int, set[int]]
) -> Iterator[Operation]:
    """What may come next: nothing that is left had ended before it began, nor stands before it in the books."""
    left = [each for each in operations if id(each) not in finished]
    first_end = min(each.ended for each in left)
    for each in sorted(left, key=lambda each: each.ended):  # the likeliest first
        if each.begun <= first_end and before[id(each)] <= finished:
            yield each


def _before(operations: Sequence[Operation], entries: Iterable[tuple[int, int, Mark]]) -> dict[int, set[int]]:
    """Which must come before which: by nature, and by the places of their entries."""
    before: dict[int, set[int]] = {id(each): {id(other) for other in each.after} for each in operations}
    by_mark: dict[Mark, Operation] = {each.mark: each for each in operations if each.mark}
    last: dict[int, Operation] = {}
    for account, _, mark in sorted(entries):
        if (operation := by_mark.get(mark)) is None:
            continue
        if (previous := last.get(account)) is not None and previous is not operation:
            before[id(operation)].add(id(previous))
        last[account] = operation
    return before


def _stuck(
    operations: Sequence[Operation], best: Sequence[Operation], before: Mapping[int, set[int]], model: Any
) -> str:
    state = model.copy()
    for each in best:
        each.act(state)
    finished = {id(each) for each in best}
    lines = [f"explained {len(best)} of {len(operations)}; next could be:"]
    lines += [
        f"  {each.name}: was {each.outcome}, the model says {each.act(state.copy())}"
        for each in _candidates(operations, finished, before)
    ]
    return "\n".join(lines)
