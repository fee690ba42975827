"""A batch of questions gives the same replies as single calls."""

from __future__ import annotations

from langchain_core.messages import HumanMessage
from langgraph_ensemble.pocket.batch import batch_replies
from langgraph_ensemble.pocket.chat import ChatPocket
from langgraph_ensemble.pocket.questions import DOMAINS, sample


def test_a_batch_gives_the_replies_of_single_calls() -> None:
    texts = [q.text for d in DOMAINS for q in sample(d, 3, 3, "calibration")]
    made = batch_replies("arithmetic", texts, max_tokens=40)
    model = ChatPocket(model="arithmetic", max_tokens=40)
    assert made == [[model.invoke(text).text] for text in texts]


def test_samples_of_question_i_are_those_of_seed_plus_i() -> None:
    texts = [q.text for q in sample("arithmetic", 4, 3, "calibration")]
    made = batch_replies("arithmetic", texts, n=3, temperature=1.0, seed=5)
    for i, text in enumerate(texts):
        model = ChatPocket(model="arithmetic", temperature=1.0, seed=5 + i, n=3)
        result = model.generate([[HumanMessage(text)]])
        assert made[i] == [generation.text for generation in result.generations[0]]
