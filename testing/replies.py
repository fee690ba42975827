"""Members with fixed replies, for tests that start no process."""

from __future__ import annotations

from typing import Any

from langchain_core.language_models import FakeListChatModel

from ..member import Member


def says(name: str, *texts: str, **fields: Any) -> Member:
    """A member that answers with `texts` in turn and then repeats them.

    Its model is LangChain's `FakeListChatModel`. By default it is not retried, and it counts as
    large, because small members get other prompts.

    Args:
        name: The member's name.
        texts: Its replies; `ok` by default.
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
