"""Members with fixed replies, for tests that start no process."""

from __future__ import annotations

from typing import Any

from langchain_core.language_models import FakeListChatModel

from ..member import Member


def says(name: str, *texts: str, **fields: Any) -> Member:
    """A member that answers with `texts` in turn, from the first again after the last.

    Its model is LangChain's `FakeListChatModel`. Unless `fields` say otherwise, it is not retried,
    and it counts as large: members known to be small are prompted in another way.

    Args:
        name: The member's name.
        texts: What it says; `ok` by default.
        fields: Further fields of the `Member`.

    Example:
        >>> from langgraph_ensemble import create_moa
        >>> team = [says("ann", "Answer: 4"), says("ben", "Answer: 5")]
        >>> moa = create_moa(team, layers=2, aggregator=says("cat", "Answer: 4")).compile()
        >>> moa.invoke({"messages": "What is 2 + 2?"})["result"]["answer"]
        'Answer: 4'
    """
    model = FakeListChatModel(responses=list(texts or ("ok",)))
    return Member(name=name, model=model, **{"size": 7.0, "retries": 0, **fields})
