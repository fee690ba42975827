"""Drafts and a state for tests of single steps."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import HumanMessage
from langgraph_ensemble.records import Draft


def draft(member: str, text: str, **more: Any) -> Draft:
    """A complete draft of the first layer."""
    layer, index = more.get("layer", 1), more.get("index", 0)
    about: dict[str, Any] = {
        "id": f"{layer}.{member}.{index}",
        "member": member,
        "role": None,
        "layer": layer,
        "index": index,
        "status": "ok",
        "text": text,
        "answer": None,
        "usage": None,
        "cost_usd": None,
        "latency_ms": 1.0,
        "error": None,
    }
    return {**about, **more}  # pyright: ignore[reportReturnType]


def asked(text: str, *drafts: Draft, **more: Any) -> dict[str, Any]:
    """The state of a turn in which `drafts` have been written."""
    return {
        "messages": [HumanMessage(text)],
        "drafts": list(drafts),
        "calls": [],
        "fell_back": [],
        "layer": 1,
        "stopped": None,
        "trust": None,
        "escalated": None,
        "streamed": None,
        "held": None,
        "held_result": {},
        "ranking": [],
        "picked": [],
        **more,
    }
