"""The result of a request as JSON, for records and for other processes."""

from __future__ import annotations

import json
from dataclasses import asdict

from langchain_core.messages import AIMessage, messages_from_dict
from langchain_core.messages.base import message_to_dict

from .raw import Raw
from .soundness import Fault


def raw_to_json(raw: Raw) -> str:
    """A result as a line of JSON.

    Example:
        >>> raw_from_json(raw_to_json(Raw(["4", "5"], cost_usd=0.1))).texts
        ['4', '5']
    """
    data = {
        "texts": raw.texts,
        "usage": raw.usage,
        "cost_usd": raw.cost_usd,
        "ended": raw.ended,
        "seconds": raw.seconds,
        "fault": None if raw.fault is None else asdict(raw.fault),
        "message": None if raw.message is None else message_to_dict(raw.message),
        "messages": [message_to_dict(message) for message in raw.messages],
    }
    return json.dumps(data, ensure_ascii=True)


def raw_from_json(text: str) -> Raw:
    """The result that a line of JSON holds.

    Raises:
        ValueError: Or another error of a line that is damaged.
    """
    data = json.loads(text)
    messages = messages_from_dict(data["messages"])
    alone = messages_from_dict([data["message"]]) if data["message"] else []
    return Raw(
        texts=[str(text) for text in data["texts"]],
        usage=data["usage"],
        cost_usd=data["cost_usd"],
        message=next((m for m in alone if isinstance(m, AIMessage)), None),
        messages=[m for m in messages if isinstance(m, AIMessage)],
        ended=list(data["ended"]),
        fault=Fault(**data["fault"]) if data["fault"] else None,
        seconds=data["seconds"],
    )
