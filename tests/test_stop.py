"""Stop sequences end an answer wherever it is read, however its stream is split into chunks."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import member, profile
from langchain_core.messages import AIMessage, AIMessageChunk
from langgraph_ensemble import EnsembleChatModel, create_avengers, create_moa, create_smoa
from langgraph_ensemble.decoding import Reader, Told
from langgraph_ensemble.models.request import ANSWER
from langgraph_ensemble.stops import StopAt
from langgraph_ensemble.testing import Model, Provider

SAYS = "One two three. Observation: four five."
TAGS = {"tags": [ANSWER]}


@pytest.mark.parametrize("size", [1, 2, 3, 5, 50])
@pytest.mark.parametrize(
    ("text", "stops", "shown"),
    [
        ("one END two", ["END"], "one "),
        ("one EN two", ["END"], "one EN two"),
        ("aab", ["ab"], "a"),
        ("x STOP y HALT", ["HALT", "STOP"], "x "),
        ("ends with EN", ["END"], "ends with EN"),
        ("nothing", [], "nothing"),
        ("empty", [""], "empty"),
        ("abcd", ["abcd", "bc"], "a"),
        ("abc", ["bc", "abc"], ""),
        ("one END two", "END", "one "),
    ],
)
def test_a_stop_sequence_is_found_across_pieces(size, text, stops, shown) -> None:
    stop = StopAt(stops)
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    assert "".join(stop.feed(piece) for piece in pieces) + stop.rest() == shown


@pytest.fixture
def graphs(provider: Provider) -> dict[str, Any]:
    names = ("ann", "ben", "cat")
    provider.set(*(Model(name, says=SAYS) for name in names))
    pool = [member(provider, name) for name in names]
    known = profile(ann=["algebra"], ben=[], cat=[])
    return {
        "moa": create_moa(pool, layers=2),
        "smoa": create_smoa(pool, max_rounds=1),
        "voted": create_avengers(pool, known, samples=4),
        "streamed": create_avengers(pool, known, samples=1),
    }


def together(chunks: list[Any]) -> Any:
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole = whole + chunk
    return whole


# Within a token, over two and over three of them; the provider streams word by word.
@pytest.mark.parametrize("stop", ["serva", "three. Obs", "wo three. O"])
@pytest.mark.parametrize("name", ["moa", "smoa", "voted", "streamed"])
async def test_the_chat_model_ends_its_answer(graphs, name: str, stop: str) -> None:
    model, shown = EnsembleChatModel(graphs[name]), SAYS[: SAYS.index(stop)]
    whole = await model.ainvoke("Say something.", stop=[stop])
    assert whole.text == shown
    assert whole.response_metadata["finish_reason"] == "stop"
    assert whole.response_metadata["result"]["answer"] == SAYS
    chunks = [chunk async for chunk in model.astream("Say something.", stop=[stop])]
    assert together(chunks).text == shown
    assert len([chunk for chunk in chunks if chunk.text]) > 1
    assert together(chunks).usage_metadata == whole.usage_metadata
    assert together(chunks).response_metadata["finish_reason"] == "stop"


@pytest.mark.parametrize("name", ["moa", "streamed"])
def test_without_a_loop_too(graphs, name: str) -> None:
    model = EnsembleChatModel(graphs[name])
    for stop in (["Observation", "never"], "Observation"):
        assert model.invoke("Say something.", stop=stop).text == "One two three. "
        said = [chunk.text for chunk in model.stream("Say something.", stop=stop)]
        assert "".join(said) == "One two three. "
    bound = model.bind(stop=["Observation"])
    assert bound.invoke("Say something.").text == "One two three. "


async def test_no_stop_and_one_that_never_comes_leave_the_answer_alone(graphs, provider) -> None:
    model = EnsembleChatModel(graphs["moa"])
    # The answer ends with the beginning of a stop sequence: held back at first, then emitted.
    for stop in (None, [], [""], ["five. And six"]):
        assert (await model.ainvoke("Say something.", stop=stop)).text == SAYS
        said = [chunk.text async for chunk in model.astream("Say something.", stop=stop)]
        assert "".join(said) == SAYS


async def test_drafts_are_not_ended(graphs) -> None:
    said = await EnsembleChatModel(graphs["moa"]).ainvoke("Say something.", stop=["two"])
    drafts = said.response_metadata["result"]["drafts"]
    assert [draft["text"] for draft in drafts] == [SAYS] * 3


def read(*pieces: tuple[str, str], stop: list[str]) -> list[Told]:
    """What a reader yields for the answer's chunks, each with the id of its message."""
    reader = Reader(stop)
    items = [(AIMessageChunk(text, id=name), TAGS) for name, text in pieces]
    said = [told for item in items for told in reader.read("messages", item)]
    final = AIMessage("".join(text for name, text in pieces if name == pieces[-1][0]))
    list(reader.read("values", {"messages": [final], "result": {"answer": final.text}}))
    return [*said, *reader.end()]


def test_an_answer_that_starts_again_is_ended_anew() -> None:
    told = read(("1", "one ST"), ("2", "two S"), ("2", "TOP three"), stop=["STOP"])
    kinds = [(each.kind, each.data) for each in told[:-1]]
    assert kinds == [("token", "one "), ("restart", None), ("token", "two ")]
    assert told[-1].data["message"].text == "two "


def test_an_answer_that_was_ended_says_no_more() -> None:
    told = read(("1", "one STOP"), ("2", "two"), stop=["STOP"])
    assert [each.kind for each in told] == ["token", "end"]


def test_what_was_held_back_comes_before_the_end() -> None:
    told = read(("1", "one "), ("1", "ST"), stop=["STOP"])
    assert [each.data for each in told[:-1]] == ["one ", "ST"]
