"""What a UI message says about the team: who works on what, and in the end who was asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from langgraph.graph.ui import UIMessage

NAME = "team"
"""Name of the component that shows these messages."""

_USABLE = ("ok", "cut")


class Team:
    """The team of one run, from the run's events.

    It holds names, numbers and states, and no text that a model wrote.

    Args:
        run: The run's id, from which the ids of the answer and of the UI message derive: a run that
            is resumed elsewhere has the same.
        method: The graph's method, such as `smoa`.
        clock: Returns seconds.

    Attributes:
        answer: Id of the message that will be the answer.
        id: Id of the UI message.

    Example:
        >>> team = Team("1", "moa", clock=lambda: 0.0)
        >>> team.take({"type": "started", "stage": "propose", "layer": 1, "member": "ann"})
        True
        >>> team.message()["props"]["members"]
        [{'member': 'ann', 'state': 'asked'}]
    """

    def __init__(self, run: str, method: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.answer = f"answer-{run}"
        self.id = f"team-{run}"
        self._method = method
        self._clock = clock
        self._began = clock()
        self._stage = "begin"
        self._layer = 0
        self._by: str | None = None
        self._failed = False
        self._drafts: dict[str, dict[int, str]] = {}

    def take(self, event: Mapping[str, Any]) -> bool:
        """Take in one event of `events.Event`.

        Returns:
            Whether there is something new to show.
        """
        before = self._working()
        kind, stage = event.get("type"), str(event.get("stage"))
        if stage == "propose":
            self._draft(event)
        elif kind == "started":
            self._stage, self._by, self._failed = stage, event.get("member"), False
        elif kind == "failed" and event.get("member") == self._by:
            self._failed = True
        elif kind == "voted":
            self._stage, self._by, self._failed = "vote", None, False
        return self._working() != before

    def message(self) -> UIMessage:
        """The UI message of a run that goes on."""
        return self._message({**self._working(), "seconds": self._seconds()})

    def finished(self, result: Mapping[str, Any]) -> UIMessage:
        """The UI message of a run that has ended.

        Args:
            result: The account of the run.
        """
        return self._message({**ending(result), "seconds": self._seconds()})

    def _message(self, props: dict[str, Any]) -> UIMessage:
        about = {"merge": False, "message_id": self.answer}
        return {"type": "ui", "id": self.id, "name": NAME, "props": props, "metadata": about}

    def _seconds(self) -> float:
        return round(self._clock() - self._began, 1)

    def _draft(self, event: Mapping[str, Any]) -> None:
        kind, layer = event.get("type"), int(event.get("layer") or 0)
        if layer > self._layer:
            self._layer, self._drafts = layer, {}
        self._stage, self._by, self._failed = "propose", None, False
        mine = self._drafts.setdefault(str(event.get("member")), {})
        place = int(event.get("index") or 0)
        if kind == "started":
            mine[place] = "asked"
        elif kind == "token":
            mine[place] = "writing"
        elif kind == "done":
            mine[place] = "done"
        elif kind == "failed":
            # Whoever was not waited for has not failed.
            mine[place] = "left" if "quorum" in str(event.get("error")) else "failed"

    def _working(self) -> dict[str, Any]:
        members = [
            {"member": member, "state": _state(list(states.values()))}
            for member, states in self._drafts.items()
        ]
        return {
            "working": True,
            "method": self._method,
            "stage": self._stage,
            "layer": self._layer,
            "by": self._by,
            "failed": self._failed,
            "members": members,
        }


def _state(states: Sequence[str]) -> str:
    """The state of a member from those of its samples."""
    order = ("writing", "asked", "done", "left", "failed")
    return next((each for each in order if each in states), "asked")


def ending(result: Mapping[str, Any]) -> dict[str, Any]:
    """What is shown of a run that has ended: names and numbers, a few hundred bytes.

    Args:
        result: The account of the run.

    Example:
        >>> drafts = [{"id": "1.ann.0", "member": "ann", "layer": 1, "status": "ok"}]
        >>> ended = ending({"strategy": "moa", "drafts": drafts, "steps": []})
        >>> ended["asked"], ended["failed"], ended["outcome"]
        (['ann'], [], 'given')
    """
    instead = result.get("escalated_to")
    steps = result.get("steps") or []
    # The draft of whoever was asked instead stands in a layer of its own.
    after = {(s["member"], s["layer"]) for s in steps if s["stage"] == "escalate"}
    drafts = [d for d in result["drafts"] if (d["member"], d["layer"]) not in after]
    asked = list(dict.fromkeys(d["member"] for d in drafts))
    usable = {d["member"] for d in drafts if d["status"] in _USABLE}
    by = {d["id"]: d["member"] for d in drafts}
    rounds = result.get("rounds") or []
    kept = rounds[-1].get("chosen", []) if rounds else []
    votes = result.get("votes") or []
    counts = [vote["count"] for vote in votes]
    wrote = [s["member"] for s in steps if s["stage"] == "aggregate" and s["status"] in _USABLE]
    if instead:
        outcome = "escalated"
    elif result.get("declined"):
        outcome = "declined"
    else:
        outcome = "unsure" if result.get("unsure") else "given"
    return {
        "working": False,
        "method": result["strategy"],
        "asked": asked,
        "failed": [member for member in asked if member not in usable],
        "layers": max((d["layer"] for d in drafts), default=0),
        "kept": list(dict.fromkeys(by[each] for each in kept if each in by)),
        "agree": [counts[0], sum(counts) + (result.get("abstained") or 0)] if counts else None,
        "writer": wrote[-1] if wrote else None,
        "outcome": outcome,
        "instead": instead,
    }
