"""Ask members the calibration questions in batches; every answer is stored when it arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import HumanMessage

from ..models.ask import Ask, Reply, ask
from ..models.request import one_by_one
from ..nodes.base import Run, Step
from ..nodes.lengths import answer_tokens
from ..nodes.limits import ANSWERED
from ..nodes.prompting import plain
from ..pool import Member
from ..prompts import render
from ..seeds import derive
from .context import CalibrationContext
from .ledger import Answered, Ledger, Question
from .resources import Resources

#: A member with so many failures in a row counts as down and is not asked again in this run.
GIVE_UP = 20


@dataclass
class CallBudget:
    """The remaining budget; calls in flight count as the most expensive call so far.

    Example:
        >>> budget = CallBudget(budget=1.0, limit=None)
        >>> budget.open(), budget.open()
        (True, False)
        >>> budget.close(0.4), budget.open(), budget.open()
        (None, True, False)
    """

    budget: float | None
    limit: int | None
    calls: int = 0
    spent: float = 0.0
    stopped: str | None = None
    flying: int = 0
    dearest: float | None = None
    _space: asyncio.Event = field(default_factory=asyncio.Event)

    def open(self) -> bool:
        """Whether one more call may begin; if so it is counted."""
        if self.limit is not None and self.calls + self.flying >= self.limit:
            return False
        if self.budget is not None and self.flying and self.dearest is None:
            return False  # The cost of calls is known only after the first one.
        if self.budget is not None:
            reserved = self.flying * (self.dearest or 0.0)
            if self.spent + reserved + (self.dearest or 0.0) > self.budget:
                return False
        self.flying += 1
        return True

    async def take(self) -> bool:
        """Wait until one more call may begin; False if the budget is used up."""
        while not self.open():
            if not self.flying:
                short = self.limit is not None and self.calls >= self.limit
                self.stopped = "max_calls" if short else "budget_usd"
                self._space.set()
            if self.stopped:
                return False
            self._space.clear()
            await self._space.wait()
        return True

    def close(self, cost: float | None) -> None:
        """Record the cost of a call that has ended; None if it failed or its cost is unknown."""
        self.flying -= 1
        self.calls += 1
        if cost is not None:
            self.spent += cost
            self.dearest = max(self.dearest or 0.0, cost)
        self._space.set()


@dataclass
class Lap:
    """One batch of pairs in progress."""

    resources: Resources
    knobs: CalibrationContext
    ledger: Ledger
    budget: CallBudget
    failures: dict[str, dict[str, Any]]
    tell: Callable[[int], None]
    done: int
    busy: set[str] = field(default_factory=set)

    async def work(self, pairs: Iterator[tuple[Question, Member]]) -> None:
        """Process pairs until there are none left, or the budget is used up."""
        for question, member in pairs:
            if self.budget.stopped:
                return
            await self._ask_member(question, member)
            if not self.budget.stopped:
                self.done += 1
                self.tell(self.done)

    async def _ask_member(self, question: Question, member: Member) -> None:
        """Request the missing samples of a pair, and store each when it arrives."""
        pair = self.resources.pair(question, member, self.knobs)
        if pair in self.busy or self._down(member):
            return  # The same question from two data sets is asked once.
        self.busy.add(pair)
        known = await asyncio.to_thread(self.ledger.answers, pair)
        have = max((a.first + len(a.texts) for a in known), default=0)
        while have < self.knobs.samples and await self.budget.take():
            reply = await self._ask(question, member, have)
            if reply is None:
                return
            answered = _answered(reply, have)
            await asyncio.to_thread(self.ledger.keep_answer, pair, answered)
            self.budget.close(answered.cost_usd)
            have += len(answered.texts)

    async def _ask(self, question: Question, member: Member, have: int) -> Reply | None:
        """Make one request; if it fails, None, and the failure is counted."""
        wanted = 1 if one_by_one(member) else self.knobs.samples - have
        tokens = answer_tokens(member, "propose", self.knobs.max_tokens)
        role = render("role", role=member.role) if member.role else None
        what = Ask(
            member=member,
            messages=plain([HumanMessage(question.query)], member, [role], tokens),
            stage="propose",
            role=member.role,
            question=question.query,
            n=wanted,
            first_index=have,
            temperature=self.knobs.temperature,
            max_tokens=tokens,
            seed=derive(self.knobs.seed, "calibration", member.name, question.query),
            top_up=False,
        )
        reply = await ask(what, lambda _: None)
        if reply.first.status in ANSWERED:
            self.failures.get(member.name, {})["row"] = 0
            return reply
        known = self.failures.get(member.name, {"calls": 0, "row": 0})
        counts = {"calls": known["calls"] + 1, "row": known["row"] + 1}
        self.failures[member.name] = {**counts, "error": reply.first.error}
        self.budget.close(None)
        return None

    def _down(self, member: Member) -> bool:
        return self.failures.get(member.name, {}).get("row", 0) >= GIVE_UP


def make_collect(resources: Resources) -> Step:
    """The node that requests one batch of answers.

    A failed call leaves its score unknown, never zero; a later run repeats it. Answers go to the
    ledger, so a kill loses only the calls in flight.
    """

    async def answer(state: Any, run: Run[CalibrationContext]) -> dict[str, Any]:
        knobs = run.knobs
        start = state["cursor"]
        stop = min(start + resources.lap(state["limit"], knobs.batch_size), state["pairs"])
        budget = CallBudget(knobs.budget_usd, knobs.max_calls, state["calls"], state["paid_usd"])
        failures = {name: dict(each) for name, each in state["failures"].items()}

        def tell(done: int) -> None:
            cost = None if state["cost_usd"] is None else budget.spent
            now = {"calls": budget.calls, "cost_usd": cost, "failures": failures}
            resources.tell(run, now, "answer", done, state["limit"])

        async with resources.ledger(state) as ledger:
            planned = await asyncio.to_thread(ledger.planned, start, stop)
            pairs = [(question, resources.member(name)) for question, name in planned]
            lap = Lap(resources, knobs, ledger, budget, failures, tell, done=start)
            await _at_once(lap, pairs)
            calls, paid, cost = await asyncio.to_thread(ledger.spent)
        lost = sum(each["calls"] for each in failures.values())
        counts = {"calls": calls + lost, "paid_usd": paid, "cost_usd": cost, "failures": failures}
        resources.tell(run, counts, "answer", lap.done, state["limit"])
        return {**counts, "cursor": stop, "stopped": budget.stopped}

    return answer


async def _at_once(lap: Lap, pairs: list[tuple[Question, Member]]) -> None:
    """Process the pairs with the given concurrency; the first error ends all."""
    todo = iter(pairs)
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(lap.knobs.concurrency, len(pairs))):
                group.create_task(lap.work(todo))
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None


def _answered(reply: Reply, first: int) -> Answered:
    call = reply.calls[0]
    usage = dict(call["usage"]) if call["usage"] else None
    texts = [sample.text for sample in reply.samples]
    return Answered(first, texts, usage, call["cost_usd"], call["latency_ms"])  # pyright: ignore[reportArgumentType]
