"""Unmodified third-party front ends in a real browser: agent-chat-ui and React's `useStream`.

They are served from an origin of their own and talk to `ensemble serve` as to any LangGraph server.
`make frontends` installs and builds their packages.
"""

from __future__ import annotations

import functools
import http.server
import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

import pytest
from langgraph_ensemble.testing.serving import free_port, serving
from langgraph_sdk import get_sync_client
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from serving import fetch, get

sys.path.insert(0, str(Path(__file__).parent))
from browser import CHROMIUM, DRIVER, Browser
from langgraph_ensemble.testing import Model, Provider

pytest.importorskip("langgraph_api", reason="pip install 'langgraph-ensemble[studio]'")
FOLDER = Path(__file__).parent / "frontends"
BUILT = {
    "useStream of SDK 1": FOLDER / "use_stream" / "dist" / "sdk-1",
    "useStream of SDK 2": FOLDER / "use_stream" / "dist" / "sdk-2",
    "agent-chat-ui": FOLDER / "agent_chat_ui" / "dist",
}
pytestmark = [
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER), reason="no Chromium: apt-get install chromium chromium-driver"
    ),
    pytest.mark.skipif(
        not all((built / "index.html").exists() for built in BUILT.values()),
        reason="the front ends are not built: make frontends (needs node and npm)",
    ),
]
MARKS = {"ann": "ANN WRITES", "ben": "BEN WRITES", "cat": "CAT WRITES"}
# Everything that a reader ever sees, however briefly it is shown.
WATCH = """
window.seen = [];
const look = () => {
  const text = document.body.innerText;
  if (text !== window.seen.at(-1)) window.seen.push(text);
};
new MutationObserver(look).observe(document.body,
  {subtree: true, childList: true, characterData: true});
"""


@pytest.fixture(scope="module")
def ports() -> dict[str, int]:
    """The port of each front end; the server must know them to allow their origins."""
    return {name: free_port() for name in BUILT}


@pytest.fixture(scope="module")
def whole(
    files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory, ports: dict[str, int]
) -> Iterator[str]:
    """`ensemble serve` with the LangGraph API."""
    with serve(files, tmp_path_factory.mktemp("frontends"), ports) as url:
        yield url


@pytest.fixture(scope="module")
def shows(
    files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory, ports: dict[str, int]
) -> Iterator[str]:
    """The same with `--show-team`, and a pool that gives no answer that is not sure."""
    folder = tmp_path_factory.mktemp("shows")
    pool = folder / "pool.yaml"
    pool.write_text(f"{files['pool'].read_text()}\ndecline: {DECLINE}\n")
    with serve({**files, "pool": pool}, folder, ports, "--show-team") as url:
        yield url


def serve(
    files: dict[str, Path], folder: Path, ports: dict[str, int], *options: str
) -> AbstractContextManager[str]:
    """`ensemble serve` in a process of its own; the value is its address."""
    port = free_port()
    command = [sys.executable, "-m", "langgraph_ensemble.cli.main", "serve", "--port", str(port)]
    for own in ports.values():
        command += ["--allow-origin", f"http://127.0.0.1:{own}"]
    env = {
        "ENSEMBLE_POOL": str(files["pool"]),
        "ENSEMBLE_PROFILE": str(files["profile"]),
        "ENSEMBLE_DATA": str(folder / "conversations.sqlite"),
    }
    return serving([*command, *options], port, env, "/ok")


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A file server that writes no log."""

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module", params=BUILT)
def origin(request: pytest.FixtureRequest, ports: dict[str, int]) -> Iterator[tuple[str, str]]:
    """A front end's name and the address of its files."""
    handler = functools.partial(Quiet, directory=str(BUILT[request.param]))
    with http.server.ThreadingHTTPServer(("127.0.0.1", ports[request.param]), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield request.param, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.close()


class Chat:
    """One of the front ends, open in a window."""

    def __init__(self, window: Browser, origin: tuple[str, str], server: str) -> None:
        self.name, self.address = origin
        self.window, self.server = window, server

    @property
    def bare(self) -> bool:
        return self.name != "agent-chat-ui"

    def open(self, graph: str) -> None:
        query = urlencode({"apiUrl": self.server, "assistantId": graph})
        self.window.driver.get("about:blank")
        self.window.driver.get(f"{self.address}/?{query}")
        self.window.run("sessionStorage.clear()")
        self._ready()

    def reload(self) -> None:
        self.window.driver.refresh()
        self._ready()

    def _ready(self) -> None:
        self.window.until(lambda: self.window.find("form"))
        self.window.run(WATCH)

    def ask(self, question: str) -> None:
        box = self.window.find("input" if self.bare else "textarea")[0]
        box.send_keys(question, Keys.ENTER)

    def shown(self) -> str:
        return self.window.run("return document.body.innerText")

    def seen(self) -> list[str]:
        return self.window.run("return window.seen")

    def loading(self) -> bool:
        if self.bare:
            return bool(self.window.find("main[data-loading=true]"))
        return any("Cancel" in text for text in self.window.texts("form button"))

    def stop(self) -> None:
        buttons = self.window.driver.find_elements(By.CSS_SELECTOR, "form button")
        next(b for b in buttons if b.text.strip() in ("Stop", "Cancel")).click()

    def finished(self, text: str) -> None:
        self.window.until(lambda: text in self.shown() and not self.loading(), 60)

    @property
    def thread(self) -> str:
        self.window.until(lambda: "threadId=" in self.window.driver.current_url)
        return self.window.driver.current_url.split("threadId=")[1].split("&")[0]

    def state(self) -> dict[str, Any]:
        return get(f"{self.server}/threads/{self.thread}/state")


@pytest.fixture
def chat(window: Browser, origin: tuple[str, str], whole: str, provider: Provider) -> Chat:
    slow(provider, 40)
    return Chat(window, origin, whole)


def slow(provider: Provider, ms: float) -> None:
    """Give each model a text of its own, at `ms` milliseconds per word."""
    words = {name: " ".join(f"{name}{n}" for n in range(20)) for name in MARKS}
    provider.set(
        *(Model(n, says=f"{mark} {words[n]} end.", token_ms=ms) for n, mark in MARKS.items())
    )


@pytest.mark.parametrize("graph", ["moa-lite", "smoa", "avengers"])
def test_the_answer_streams_and_drafts_never_show(chat: Chat, provider: Provider, graph: str):
    chat.open(graph)
    chat.ask("What do you think?")
    chat.finished("end.")
    assert "What do you think?" in chat.shown()
    result = chat.state()["values"]["result"]
    answer = result["answer"]
    assert answer in " ".join(chat.shown().split())
    drafted = {draft["member"] for draft in result["drafts"]}
    others = {mark for name, mark in MARKS.items() if name in drafted and mark not in answer}
    assert others or graph == "avengers"
    last = chat.seen()[-1]
    mark = next(mark for mark in MARKS.values() if mark in answer)
    for text in [*chat.seen(), last]:
        assert not any(other in text for other in others)
        assert text.count(mark) <= 1
    parts = {text for text in chat.seen() if mark in text and "end." not in text}
    # A vote picks a whole answer; an aggregator writes one.
    assert len(parts) >= 3 or graph == "avengers"


def test_a_second_question_goes_on_with_the_thread(chat: Chat, provider: Provider):
    chat.open("moa-lite")
    chat.ask("First question?")
    chat.finished("end.")
    provider.reset()
    chat.ask("Second question?")
    chat.window.until(lambda: provider.calls() == 4)
    chat.window.until(lambda: chat.shown().count("end.") == 2 and not chat.loading())
    prompt = json.dumps(provider.log()[-1]["messages"])
    assert "First question?" in prompt
    assert "Second question?" in prompt
    kinds = [message["type"] for message in chat.state()["values"]["messages"]]
    assert kinds == ["human", "ai", "human", "ai"]


def test_reload_shows_the_conversation(chat: Chat):
    chat.open("moa-lite")
    chat.ask("What stays?")
    chat.finished("end.")
    chat.thread  # noqa: B018 - the address names it now
    before = chat.state()["values"]["messages"]
    chat.reload()
    chat.finished("end.")
    assert "What stays?" in chat.shown()
    assert before[-1]["content"] in " ".join(chat.shown().split())
    assert chat.state()["values"]["messages"] == before


def test_reload_in_the_middle_joins_the_run(chat: Chat, provider: Provider):
    if not chat.bare:
        pytest.skip("this build of agent-chat-ui does not ask to rejoin a run")
    slow(provider, 150)
    chat.open("moa-lite")
    chat.ask("What goes on?")
    chat.window.until(lambda: provider.calls() == 3)
    chat.thread  # noqa: B018 - the address names it now
    chat.reload()
    chat.finished("end.")
    assert provider.calls() == 4
    assert len({text for text in chat.seen() if "WRITES" in text and "end." not in text}) >= 3
    assert not any("BEN WRITES" in text or "CAT WRITES" in text for text in chat.seen())


def test_stop_ends_the_run(chat: Chat, provider: Provider):
    slow(provider, 150)
    chat.open("moa")
    chat.ask("What ends?")
    chat.window.until(lambda: provider.calls() == 3)
    chat.stop()
    chat.window.until(lambda: not chat.loading())
    time.sleep(5)
    assert provider.calls() == 3, "the second layer was never asked"
    assert "WRITES" not in chat.shown()
    runs = get(f"{chat.server}/threads/{chat.thread}/runs")
    assert {run["status"] for run in runs} <= {"interrupted", "error", "cancelled"}


def test_nobody_answers_and_the_page_says_so(chat: Chat, provider: Provider):
    provider.set(*(Model(name, fault="dead") for name in MARKS))
    chat.open("moa-lite")
    chat.ask("Is anybody there?")
    chat.window.until(lambda: "no member gave a usable answer" in chat.shown())
    assert "ben:" in chat.shown()
    chat.window.until(lambda: not chat.loading())


def test_the_browser_may_ask_from_here_but_not_from_anywhere(whole: str, origin: tuple[str, str]):
    _, address = origin
    asked = fetch(f"{whole}/info", origin=address)[1]
    assert asked["Access-Control-Allow-Origin"] == address
    with pytest.raises(HTTPError) as caught:
        fetch(f"{whole}/info", origin="https://example.com")
    assert caught.value.code == 403
    assert "access-control-allow-origin" not in caught.value.headers
    caught.value.close()


# The team stands in shadow roots: all that was shown, and whether the answer had begun.
WATCH_TEAM = """
window.roots = () => [...document.querySelectorAll('[id^=child-shadow]')]
  .map(node => node.shadowRoot?.querySelector('.team')).filter(Boolean);
window.teams = [];
setInterval(() => {
  const text = roots().map(node => node.innerText).join(' | ');
  if (text && text !== window.teams.at(-1)?.[0])
    window.teams.push([text, document.body.innerText.includes('WRITES')]);
}, 20);
"""
# The component with other props, in its place and with the page's own React.
WITH_PROPS = """
const store = window[Symbol.for('LGUI_EXT_STORE')];
const React = window[Symbol.for('LGUI_REQUIRE')]('react');
const [[id, {comp, target}]] = Object.entries(store.cache);
window.component ??= comp;
store.respond(id, () => React.createElement(window.component, arguments[0]), target);
"""
DECLINE = "We would rather not guess."


class TeamChat(Chat):
    """agent-chat-ui at a server that shows the team."""

    def _ready(self) -> None:
        super()._ready()
        self.window.run(WATCH_TEAM)

    def teams(self) -> list[tuple[str, bool]]:
        return self.window.run("return window.teams")

    def lines(self) -> list[str]:
        script = "return roots().map(node => node.querySelector('[role=status]').innerText)"
        return self.window.run(script)

    def stand(self, count: int) -> list[str]:
        """The lines, when there are so many and each tells of a run that has ended."""
        self.window.until(
            lambda: [line.startswith("Asked") for line in self.lines()] == [True] * count
        )
        return self.lines()


@pytest.fixture
def team(window: Browser, origin: tuple[str, str], shows: str, provider: Provider) -> TeamChat:
    """agent-chat-ui at a server that shows the team."""
    if origin[0] != "agent-chat-ui":
        pytest.skip("only agent-chat-ui shows UI messages")
    slow(provider, 40)
    return TeamChat(window, origin, shows)


def test_the_team_is_seen_while_it_drafts(team: TeamChat):
    team.open("smoa")
    team.ask("What do you think?")
    team.finished("end.")
    (line,) = team.stand(1)
    assert line.startswith("Asked ann, ben and cat in 2 rounds; kept ")
    assert line.endswith("; ann wrote the answer.")
    before = [text for text, answering in team.teams() if not answering]
    for words in ("of 3 models have answered.", "Round 2: ", "ann compares the drafts.", "writes"):
        assert any(words in text for text in before), words
    assert any("ann writes the answer." in text for text, _ in team.teams())
    assert all(text.count("WRITES") <= 1 for text in team.seen())
    assert not any("BEN WRITES" in text or "CAT WRITES" in text for text in team.seen())
    assert team.shown().count("ANN WRITES") == 1
    # Loaded once: what is shown changes in its place.
    loads = "return performance.getEntriesByType('resource').filter(e => e.name.includes('/ui/'))"
    assert len(team.window.run(loads)) == 1
    team.reload()
    team.finished("end.")
    assert team.stand(1) == [line]
    assert team.shown().count("ANN WRITES") == 1


def test_each_answer_has_its_team_and_a_new_try_replaces_it(team: TeamChat):
    team.open("moa-lite")
    for count in (1, 2):
        team.ask(f"Question {count}?")
        team.window.until(
            lambda count=count: team.shown().count("end.") == count and not team.loading(), 60
        )
        team.stand(count)
    tries = "document.querySelectorAll('button:has(.lucide-refresh-ccw)')"
    team.window.until(lambda: team.window.run(f"return {tries}.length") == 2)
    team.window.run(f"{tries}[1].click()")
    team.window.until(team.loading)
    team.window.until(lambda: not team.loading(), 60)
    team.stand(2)
    assert team.shown().count("ANN WRITES") == 2
    assert all(text.count("ANN WRITES") <= 2 for text in team.seen())


def test_a_member_fails_and_no_answer_is_given(team: TeamChat, provider: Provider):
    hostile = "I do not know. <img src=x onerror='window.hit = 1'>"
    provider.set(*(Model(n, says=hostile, token_ms=30) for n in MARKS), Model("ben", fault="dead"))
    with get_sync_client(url=team.server) as client:
        careful = client.assistants.create("moa-lite", context={"confidence": 0.9})
    team.open(careful["assistant_id"])
    team.ask("What is it?")
    team.finished(DECLINE)
    (line,) = team.stand(1)
    assert line == (
        "Asked ann, ben and cat; ben failed; they were not sure, so no answer was given."
    )
    assert any("ben\nfailed" in text.replace("\n\n", "\n") for text, _ in team.teams())
    assert team.window.run("return window.hit") is None
    assert not any("img" in text for text, _ in team.teams())


def member(name: str, state: str = "done") -> dict[str, str]:
    return {"member": name, "state": state}


ANN, BEN = member("ann"), member("ben", "writing")
GOES_ON: list[tuple[dict[str, Any], str]] = [
    ({"stage": "begin"}, "The team begins."),
    ({"stage": "judge", "by": "ann"}, "ann decides whom to ask."),
    ({"stage": "roles", "by": "ann"}, "ann hands out the roles."),
    ({"stage": "propose", "members": [ANN]}, "1 of 1 model has answered."),
    ({"stage": "propose", "members": [ANN, BEN]}, "1 of 2 models have answered."),
    (
        {"stage": "propose", "layer": 2, "members": [BEN], "method": "moa"},
        "Layer 2: 0 of 1 model has answered.",
    ),
    (
        {"stage": "propose", "layer": 2, "members": [BEN], "method": "avengers"},
        "Step 2: 0 of 1 model has answered.",
    ),
    ({"stage": "judge", "by": "ann", "members": [ANN]}, "ann compares the drafts."),
    ({"stage": "moderate", "by": "ann"}, "ann decides whether another round is needed."),
    ({"stage": "vote", "members": [ANN]}, "The answers are counted."),
    ({"stage": "escalate", "by": "cat"}, "The team is not sure, so cat is asked."),
    ({"stage": "aggregate", "by": "ann"}, "ann writes the answer."),
    ({"stage": "aggregate", "by": "ann", "failed": True}, "ann has failed."),
]
ENDED: list[tuple[dict[str, Any], str]] = [
    ({}, "Asked ann and ben."),
    ({"method": "smoa", "layers": 2, "kept": ["ben"]}, "Asked ann and ben in 2 rounds; kept ben."),
    (
        {"method": "moa", "layers": 2, "writer": "ann"},
        "Asked ann and ben in 2 layers; ann wrote the answer.",
    ),
    ({"method": "ranker", "kept": ["ben"]}, "Asked ann and ben; chose ben."),
    (
        {"method": "avengers", "layers": 2, "agree": [7, 10]},
        "Asked ann and ben; 7 of 10 answers agree.",
    ),
    ({"failed": ["ben"], "agree": [1, 1]}, "Asked ann and ben; ben failed."),
    (
        {"outcome": "escalated", "instead": "cat"},
        "Asked ann and ben; they were not sure, so cat answered instead.",
    ),
    ({"outcome": "unsure"}, "Asked ann and ben; the answer is not sure."),
]


def test_the_words_and_the_marks_of_the_component(team: TeamChat, provider: Provider):
    slow(provider, 0)
    team.open("moa-lite")
    team.ask("What do you think?")
    team.finished("end.")
    team.stand(1)
    for props, words in GOES_ON:
        team.window.run(WITH_PROPS, {"working": True, "seconds": 1, **props})
        team.window.until(lambda words=words: team.lines() == [words], 5)
    for props, words in ENDED:
        team.window.run(WITH_PROPS, {"working": False, "asked": ["ann", "ben"], **props})
        team.window.until(lambda words=words: team.lines() == [words], 5)
    # A name is text, and the clock is not read aloud.
    hostile = "<img src=x onerror='window.hit = 1'>"
    now = {"stage": "propose", "members": [member(hostile, "writing")], "seconds": 59}
    team.window.run(WITH_PROPS, {"working": True, **now})
    team.window.until(lambda: hostile in team.window.run("return roots()[0].innerText"), 5)
    assert team.window.run("return [roots()[0].querySelector('img'), window.hit]") == [None, None]
    team.window.until(lambda: "1 min" in team.window.run("return roots()[0].innerText"), 10)
    assert team.window.run("return roots()[0].querySelector('.time').ariaHidden") == "true"
    moving = "return roots()[0].querySelector('i').getAnimations().length"
    assert team.window.run(moving) == 1
    motion = {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}
    team.window.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", motion)
    try:
        assert team.window.run(moving) == 0
    finally:
        team.window.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
