"""The team at work as UI messages, from the whole server: `ensemble serve --show-team`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage
from langgraph.pregel.remote import RemoteGraph
from langgraph_ensemble.studio.ui.component import markup
from langgraph_ensemble.studio.ui.shown import _View
from langgraph_ensemble.studio.ui.team import Team
from langgraph_ensemble.testing import Model, Provider
from langgraph_ensemble.testing.serving import write_pool
from langgraph_sdk import get_sync_client
from serving import fetch
from whole import Whole

pytest.importorskip("langgraph_api", reason="pip install 'langgraph-ensemble[studio]'")
MODES = ["values", "messages-tuple", "custom"]
QUESTION = {"role": "user", "content": "What is 2 + 2?"}
CAREFUL = """
escalate_to: cat
confidence: 0.9
decline: I do not know.
"""


@pytest.fixture(scope="module")
def whole(files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    # Without Node and npm on the path.
    alone = {"PATH": str(Path(sys.executable).parent), "ENSEMBLE_SHOW_TEAM": "true"}
    server = Whole(files, tmp_path_factory.mktemp("shown"), **alone)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def careful(
    files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory, provider_process: Provider
) -> Iterator[Whole]:
    """A server whose team asks another member if it is not sure, and then declines."""
    folder = tmp_path_factory.mktemp("careful")
    pool = write_pool(folder, provider_process.url)
    pool.write_text(pool.read_text() + CAREFUL)
    server = Whole({**files, "pool": pool}, folder, ENSEMBLE_SHOW_TEAM="true")
    yield server
    server.stop()


@pytest.fixture
def client(whole: Whole, provider: Provider) -> Iterator[Any]:
    with get_sync_client(url=whole.url) as opened:
        yield opened


class Told:
    """What a front end is told of a run, and what the thread keeps of it."""

    def __init__(self, client: Any, graph: str, modes: Any = MODES, **options: Any) -> None:
        self.thread = options.pop("thread", None) or client.threads.create()["thread_id"]
        options = {"input": {"messages": [QUESTION]}, "stream_mode": modes, **options}
        self.parts = list(client.runs.stream(self.thread, graph, **options))
        assert not [part.data for part in self.parts if part.event == "error"]
        self.state = client.threads.get_state(self.thread)["values"]
        self.history = client.threads.get_history(self.thread, limit=100)

    def ui(self) -> list[dict[str, Any]]:
        return [p.data for p in self.parts if p.event == "custom" and p.data["type"] == "ui"]

    def props(self) -> list[dict[str, Any]]:
        return [each["props"] for each in self.ui()]

    def last(self) -> dict[str, Any]:
        """The last props, which the thread keeps, without the time."""
        (kept,) = self.state["ui"]
        assert kept == self.ui()[-1]
        return {name: value for name, value in kept["props"].items() if name != "seconds"}

    def stages(self) -> list[tuple[str, int]]:
        """Stages and layers in their order."""
        seen = [(p["stage"], p["layer"]) for p in self.props() if p["working"]]
        return [each for place, each in enumerate(seen) if not place or seen[place - 1] != each]

    def chunks(self) -> list[dict[str, Any]]:
        return [part.data[0] for part in self.parts if part.event == "messages"]

    def values(self) -> list[dict[str, Any]]:
        return [part.data for part in self.parts if part.event == "values"]

    def answers(self) -> list[dict[str, Any]]:
        return [each for each in self.state["messages"] if each["type"] == "ai"]


def says(provider: Provider, **texts: str) -> None:
    provider.set(*(Model(name, says=text) for name, text in texts.items()))


@pytest.mark.parametrize("options", [{}, {"stream_subgraphs": True}], ids=["plain", "subgraphs"])
@pytest.mark.parametrize("graph", ["moa-lite", "smoa", "avengers", "avengers-cheap", "ranker"])
def test_the_team_is_told_before_the_first_token(client, graph: str, options: dict[str, Any]):
    told = Told(client, graph, **options)
    (answer,) = told.answers()
    kinds = [
        "ui" if p.event == "custom" and p.data["type"] == "ui" else "token"
        for p in told.parts
        if (p.event == "custom" and p.data["type"] == "ui")
        or (p.event == "messages" and p.data[0]["content"])
    ]
    before = told.props()[: kinds.index("token")]
    assert {"asked"} <= {m["state"] for props in before for m in props["members"]}
    assert all(props["working"] for props in before)
    assert {each["metadata"]["message_id"] for each in told.ui()} == {answer["id"]}
    assert len({each["id"] for each in told.ui()}) == 1
    assert {chunk["id"] for chunk in told.chunks()} == {answer["id"]}
    assert told.chunks()[0]["content"] == ""
    assert "".join(chunk["content"] for chunk in told.chunks()) == answer["content"]


def test_each_answer_of_a_thread_has_its_team(client):
    told = Told(client, "smoa")
    again = Told(client, "smoa", thread=told.thread)
    ids = [answer["id"] for answer in again.answers()]
    assert len(set(ids)) == 2
    assert [each["metadata"]["message_id"] for each in again.values()[-1]["ui"]] == ids
    # The first item has what was there before; the second answer is told after it.
    assert [each["metadata"]["message_id"] for each in again.values()[0]["ui"]] == ids[:1]
    order = [part.event for part in again.parts if part.event != "metadata"]
    assert order[:3] == ["values", "messages", "custom"]


def test_an_item_of_values_in_the_middle_has_the_answer_so_far():
    team = Team("1", "moa")
    view = _View(team)
    asked = [HumanMessage("?", id="h")]
    view.items("values", {"messages": asked})
    view.items("messages", (AIMessageChunk("Half", id="run-1"), {}))
    ((_, values),) = view.items("values", {"messages": asked})
    assert [(each.id, each.text) for each in values["messages"]][1:] == [(team.answer, "Half")]
    assert [each["id"] for each in values["ui"]] == [team.id]
    # A second text is another message, until the answer is whole.
    other = AIMessageChunk("Other", id="run-2")
    assert view.items("messages", (other, {})) == [("messages", (other, {}))]
    whole = AIMessage("Other", id=team.answer)
    assert view.items("messages", (whole, {})) == []


def test_a_thread_keeps_one_small_message_for_each_answer(client):
    told = Told(client, "smoa")
    told = Told(client, "smoa", thread=told.thread)
    kept = told.state["ui"]
    assert [each["metadata"]["message_id"] for each in kept] == [a["id"] for a in told.answers()]
    assert all(len(json.dumps(each)) < 600 for each in kept)
    states = [each for state in told.history for each in state["values"].get("ui", [])]
    assert {each["props"]["working"] for each in states} == {False}


@pytest.mark.parametrize(
    "modes", [["values"], ["custom"], ["updates", "custom"], ["messages-tuple", "custom"]]
)
def test_who_asks_for_less_is_told_what_it_was_told_before(client, modes: list[str]):
    told = Told(client, "moa-lite", modes)
    assert not told.ui()
    assert not told.state.get("ui")
    (answer,) = told.answers()
    assert not answer["id"].startswith("answer-")
    for values in told.values():
        assert len(values["messages"]) == 1 + bool(values.get("result"))
    assert all(each["content"] for each in told.chunks()[:1])


def test_a_graph_of_this_server_as_part_of_another(whole: Whole, provider: Provider):
    remote = RemoteGraph("moa-lite", url=whole.url)
    for modes in ("values", ["values", "custom"]):
        items = [str(item) for item in remote.stream({"messages": [QUESTION]}, stream_mode=modes)]
        assert items
        assert not any("'ui'" in item and "'working'" in item for item in items)
    assert remote.invoke({"messages": [QUESTION]})["messages"][-1]["content"]


def test_our_page_and_the_endpoint_are_told_nothing(whole: Whole, provider: Provider):
    asked = {"model": "moa-lite", "messages": [QUESTION], "stream": True}
    reply = fetch(f"{whole.url}/v1/chat/completions", asked)[0].decode()
    assert "[DONE]" in reply
    assert "team-" not in reply
    assert "answer-" not in reply


def test_rounds_the_judge_and_who_was_kept(client, provider: Provider):
    told = Told(client, "smoa")
    assert told.stages()[:4] == [("begin", 0), ("propose", 1), ("judge", 1), ("propose", 2)]
    assert told.stages()[-1] == ("aggregate", 2)
    chosen = [each.split(".")[1] for each in told.state["result"]["rounds"][-1]["chosen"]]
    assert told.last() == {
        "working": False,
        "method": "smoa",
        "asked": ["ann", "ben", "cat"],
        "failed": [],
        "layers": 2,
        "kept": chosen,
        "agree": None,
        "writer": "ann",
        "outcome": "given",
        "instead": None,
    }


def test_layers_of_moa(client):
    told = Told(client, "moa")
    assert told.stages() == [("begin", 0), ("propose", 1), ("propose", 2), ("aggregate", 2)]
    assert (told.last()["layers"], told.last()["writer"]) == (2, "ann")


def test_a_vote(client, provider: Provider):
    says(provider, ann="Answer: 4", ben="Answer: 4", cat="Answer: 4")
    told = Told(client, "avengers")
    assert told.stages()[-1] == ("vote", 1)
    assert told.last()["agree"] == [10, 10]


def test_a_model_switch_asks_the_next_one(client, provider: Provider):
    first = Told(client, "model-switch").state["result"]["routing"]["picked"][0]
    provider.set(*(Model(n, says="") for n in ("ann", "ben", "cat")))
    provider.set(*(Model(n, answers={}, says=f"Answer: {n}") for n in ("ann", "ben", "cat")))
    provider.set(Model(first, says="I do not know."))
    told = Told(client, "model-switch")
    assert ("propose", 2) in told.stages()
    asked = told.last()["asked"]
    assert (asked[0], len(asked)) == (first, 2)
    second = next(p for p in told.props() if p.get("layer") == 2)
    assert [member["member"] for member in second["members"]] == asked[1:]


def test_a_member_that_fails(client, provider: Provider):
    provider.set(Model("ben", fault="dead"))
    told = Told(client, "moa-lite")
    states = {m["member"]: m["state"] for m in told.props()[-2]["members"]}
    assert states == {"ann": "done", "ben": "failed", "cat": "done"}
    assert told.last()["failed"] == ["ben"]
    assert "fire" not in json.dumps(told.ui()), "why it failed may hold anything"


@pytest.mark.parametrize("graph", ["moa-lite", "avengers"])
@pytest.mark.parametrize("knows", [True, False])
def test_an_answer_that_is_not_sure(careful: Whole, provider: Provider, graph: str, *, knows: bool):
    says(provider, ann="Answer: 4", ben="Answer: 5", cat="Answer: 4")
    if not knows:
        provider.set(Model("cat", fault="dead"))
    with get_sync_client(url=careful.url) as client:
        told = Told(client, graph, context={"confidence": 0.9})
    (answer,) = told.answers()
    assert "escalate" in dict(told.stages())
    assert told.last()["asked"] == (["ann"] if graph == "avengers" else ["ann", "ben"])
    assert told.last()["outcome"] == ("escalated" if knows else "declined")
    assert told.last()["instead"] == ("cat" if knows else None)
    assert answer["content"] == ("Answer: 4" if knows else "I do not know.")
    assert "".join(chunk["content"] for chunk in told.chunks()) == answer["content"]


def test_nobody_answers(client, provider: Provider):
    provider.set(*(Model(name, fault="dead") for name in ("ann", "ben", "cat")))
    thread = client.threads.create()["thread_id"]
    run = {"input": {"messages": [QUESTION]}, "stream_mode": MODES}
    parts = list(client.runs.stream(thread, "moa-lite", **run))
    assert "no member gave a usable answer" in str(parts[-1].data)
    state = client.threads.get_state(thread)["values"]
    assert [each["type"] for each in state["messages"]] == ["human"]
    assert not state.get("ui")


def test_no_text_of_a_model_is_in_it(client, provider: Provider):
    hostile = '<img src=x onerror="window.hit=1">'
    says(provider, ann=hostile, ben=hostile, cat=hostile)
    assert "onerror" not in json.dumps(Told(client, "smoa").ui())


def component(url: str, assistant: str = "moa", **headers: str) -> tuple[str, str]:
    body, about = fetch(f"{url}/ui/{assistant}", {"name": "team"}, **headers)
    return body.decode(), about["Content-Type"]


def test_the_component_needs_no_npm(whole: Whole, client):
    made = client.assistants.create("moa", name="mine")["assistant_id"]
    for assistant in ("moa", "smoa-cheap", made):
        text, kind = component(whole.url, assistant)
        assert kind.startswith("text/html")
        assert text == markup()
        # As the SDK reads it: the element's id goes into the first such place.
        assert text.count("{{shadowRootId}}") == 1
        assert "src=" not in text


@pytest.mark.parametrize(
    ("assistant", "body", "status"),
    [
        ("moa", {"name": "other"}, 404),
        ("moo", {"name": "team"}, 404),
        ("moa", {}, 422),
        ("moa", ["team"], 422),
    ],
)
def test_what_is_not_there_is_refused(whole: Whole, assistant: str, body: Any, status: int):
    with pytest.raises(HTTPError) as caught:
        fetch(f"{whole.url}/ui/{assistant}", body)
    with caught.value as refused:
        said = json.loads(refused.read())
        assert refused.code == status
        assert said["detail"] == said["error"]["message"]


def test_the_component_is_for_allowed_pages(whole: Whole):
    asked = fetch(f"{whole.url}/ui/moa", {"name": "team"}, Origin="http://localhost:3000")
    assert asked[1]["Access-Control-Allow-Origin"] == "http://localhost:3000"
    with pytest.raises(HTTPError) as caught:
        component(whole.url, Origin="https://example.com")
    caught.value.close()
    assert caught.value.code == 403


def test_the_component_is_there_without_the_setting(server: str):
    """For threads that were made while it was on."""
    assert component(server)[0] == markup()
