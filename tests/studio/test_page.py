"""The chat page in a real browser, on a real server."""

from __future__ import annotations

import json
import re
import sys
import urllib.error
from pathlib import Path

import attacks
import pytest
from selenium.webdriver.common.keys import Keys
from serving import fetch

sys.path.insert(0, str(Path(__file__).parent))
from browser import CHROMIUM, DRIVER, Browser
from langgraph_ensemble.testing import Model, Provider

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER),
    reason="no Chromium: apt-get install chromium chromium-driver",
)
NAMES = ("ann", "ben", "cat")
ATTACK = """Hello <script>window.pwned = 1</script>
<img src=x onerror="window.pwned = 2"> <svg onload="window.pwned = 3"></svg>
<iframe srcdoc="<script>parent.pwned = 4</script>"></iframe>
[click](javascript:window.pwned=5) <a href="javascript:window.pwned=6"
onclick="window.pwned=7">x</a>
<form action="https://example.com"><input autofocus onfocus="window.pwned=8"></form>
![leak](https://example.com/leak.png) <style>body{display:none}</style>
<math><mtext><table><mglyph><style><img src=x onerror=window.pwned=9></style>
</mglyph></table></mtext></math>
$\\href{javascript:window.pwned=10}{x}$ $\\includegraphics{https://example.com/y.png}$ the end."""
PROSE = (
    "**Bold** and `code`.\n\n```python\nprint('<b>')\n```\n\n"
    "Inline $x^2 + \\frac{1}{2}$ and\n\n$$\\int_0^1 x\\,dx = \\tfrac12$$\n\n"
    "| a | b |\n|---|---|\n| 1 | 2 |\n\nIt costs $5 and $6."
)


def test_ask_and_watch_the_team(page: Browser, provider: Provider):
    provider.set(*(Model(name, token_ms=40) for name in NAMES))
    page.ask("Tell me something.", "smoa")
    page.until(lambda: len(page.find("#team .draft.running")) == 3)
    page.until(lambda: page.text("#team .draft .text").count("says about") >= 3)
    assert page.find("#stop")[0].is_displayed()
    page.until(lambda: "says about" in page.text(".turn .answer"))
    assert page.find(".turn.running"), "the answer shows before it is complete"
    page.finished()
    assert re.fullmatch(r"ann says about this: .*\.", page.text(".turn .answer").strip())
    page.until(lambda: len(page.find("#team .draft.chosen")) >= 2)
    assert "judges" in page.text("#team .decision")
    assert "tokens" in page.text("#team .summary")
    assert page.text("#threads .thread.current a") == "Tell me something."


def test_the_map_the_samples_and_the_vote(page: Browser):
    page.ask("In algebra, which x makes 43 times x equal to 10922?", "avengers")
    page.finished()
    page.until(lambda: page.find("#team .votes li"))
    assert page.find("#team .map circle.question")
    assert page.find("#team .ranking .picked")
    assert len(page.find("#team .draft")) == 10
    assert "margin" in page.text("#team h3")


def test_stop_and_go_on(page: Browser, provider: Provider):
    provider.set(*(Model(name, token_ms=150) for name in NAMES))
    page.ask("Tell me something long.", "moa-lite")
    page.until(lambda: page.find("#team .draft.running"))
    page.press(Keys.ESCAPE)
    page.finished()
    assert "Stopped." in page.text(".turn footer")
    provider.set(*(Model(name) for name in NAMES))
    next(b for b in page.find(".turn footer button") if b.text == "Continue").click()
    page.until(lambda: "says about this" in page.text(".turn .answer"))
    page.finished()
    assert "Stopped." not in page.text(".turn footer")


def test_reload_finds_the_answer_being_written_and_then_written(page: Browser, provider: Provider):
    provider.set(*(Model(name, token_ms=120) for name in NAMES))
    page.ask("Tell me something slowly.", "moa-lite")
    page.until(lambda: page.find("#team .draft.running"))
    page.driver.refresh()
    page.until(lambda: page.find(".turn.running"))
    page.finished()
    answer = page.text(".turn .answer")
    assert "says about this" in answer
    page.until(lambda: page.text("#team h2") == "Mixture of Agents · litedone")
    drafts = page.texts("#team .draft .text")
    assert len(drafts) == 3
    page.driver.refresh()
    page.until(lambda: page.text(".turn .answer") == answer)
    page.until(lambda: page.texts("#team .draft .text") == drafts)
    assert provider.calls() == 4


def test_another_graph_goes_on_with_the_conversation(page: Browser, provider: Provider):
    page.ask("First question.", "moa-lite")
    page.finished(1)
    page.ask("Second question.", "smoa-cheap")
    page.finished(2)
    assert page.texts(".turn .author") == [
        "Mixture of Agents · lite",
        "Sparse Mixture of Agents · cheap",
    ]
    seen = [m["content"] for m in provider.log()[-1]["messages"]]
    assert "First question." in seen
    page.find(".turn footer button")[0].click()
    page.until(lambda: page.text("#team h2").startswith("Mixture of Agents · lite"))


def test_an_unsure_answer_is_marked(page: Browser, provider: Provider):
    provider.set(*(Model(name, says=f"Answer: {name}") for name in NAMES))
    page.ask("Whither goest thou, quaint wanderer?", "moa-lite")
    page.finished()
    assert not page.find(".turn .unsure"), "never by default"
    page.find("#show-knobs")[0].click()
    field = page.find("#knobs [data-name=confidence]")[0]
    field.find_element("css selector", "input").send_keys("0.5")
    page.ask("Whither goest thou, quaint wanderer?")
    page.finished(2)
    assert page.text(".turn .unsure .chip") == "unsure"
    assert page.text(".turn .unsure").count("33%") == 1
    assert "33% of the drafts agree, below 50%." in page.text(".turn .unsure")


def test_knobs_change_the_run(page: Browser, provider: Provider):
    page.choose("moa")
    page.find("#show-knobs")[0].click()
    field = page.find("#knobs [data-name=layers]")[0]
    box = field.find_element("css selector", "input")
    box.send_keys(Keys.CONTROL, "a")
    box.send_keys("2")
    page.press(Keys.ESCAPE)
    assert page.text("#show-knobs") == "Settings · 1"
    page.ask("Tell me something.")
    page.finished()
    assert provider.calls() == 4


def test_a_dead_member_in_plain_words(page: Browser, provider: Provider):
    provider.set(Model("ben", fault="dead"))
    page.ask("Tell me something.", "moa-lite")
    page.finished()
    page.until(lambda: "had an error of its own" in page.text("#team .draft.failed"))
    assert "says about this" in page.text(".turn .answer")


def test_nobody_answers_in_plain_words(page: Browser, provider: Provider):
    provider.set(*(Model(name, fault="dead") for name in NAMES))
    page.ask("Tell me something.", "moa-lite")
    page.finished()
    said = page.text(".turn footer .problem")
    assert "No member could answer: ann had an error of its own; ben" in said
    provider.set(*(Model(name) for name in NAMES))
    provider.reset()
    next(b for b in page.find(".turn footer button") if b.text == "Try again").click()
    page.until(lambda: "says about this" in page.text(".turn .answer"))
    page.finished()
    assert provider.calls() == 4
    assert not page.find(".turn footer .problem")
    contents = [m["content"] for m in provider.log("ben")[0]["messages"]]
    assert contents.count("Tell me something.") == 1


def test_model_output_never_runs(page: Browser, provider: Provider, server: str):
    provider.set(*(Model(name, says=ATTACK) for name in NAMES))
    page.ask("Attack.", "smoa")
    page.finished()
    assert "the end." in page.text(".turn .answer")
    forbidden = "script, img, iframe, form, input, style, svg, object, embed"
    assert not page.find(f".turn .answer :is({forbidden})")
    assert not page.find("#team .draft :is(script, img, iframe, form, input, style)")
    assert page.run("return window.pwned") is None
    attributes = page.run(
        "return [...document.querySelectorAll('.answer *')].flatMap(n => [...n.attributes])"
        ".map(a => a.name + '=' + a.value)"
    )
    assert not [a for a in attributes if a.startswith("on") or "javascript:" in a.split("tex=")[0]]
    for link in page.find(".answer a"):
        link.click()
    assert page.run("return window.pwned") is None
    page.driver.refresh()
    page.until(lambda: "the end." in page.text(".turn .answer"))
    assert page.run("return window.pwned") is None
    requests = page.run("return performance.getEntriesByType('resource').map(e => e.name)")
    assert all(name.startswith(server) for name in requests)


@pytest.mark.parametrize("attack", attacks.MARKUP.values(), ids=list(attacks.MARKUP))
def test_no_markup_of_a_member_reaches_the_page(page: Browser, provider: Provider, attack: str):
    provider.set(*(Model(name, says=f"Begin.\n\n{attack}\n\nEnd.") for name in NAMES))
    page.ask("Attack.", "smoa")
    page.finished()
    page.until(lambda: "End." in page.text("#team .draft .text"))
    assert "Begin." in page.text(".turn .answer")
    forbidden = ":is(script, img, iframe, form, input, style, svg, object, embed, mglyph, base)"
    assert not page.find(f".turn .answer {forbidden}, #team .draft {forbidden}")
    for node in page.find(".answer a:not([href^=http]), .answer span, .answer math *"):
        page.run("arguments[0].click && arguments[0].click()", node)
    page.close_others()
    found = page.run(
        "return [...document.querySelectorAll('.answer *, #team *')]"
        ".flatMap(n => [...n.attributes])"
        ".filter(a => a.name !== 'data-tex' && (a.name.startsWith('on')"
        " || /^\\s*(javascript|data|vbscript):/i.test(a.value))).map(a => a.name + '=' + a.value)"
    )
    assert found == []
    assert page.run("return window.pwned") is None
    names = page.run("return performance.getEntriesByType('resource').map(e => e.name)")
    assert not [name for name in names if "evil.example" in name]


def test_a_star_between_digits_multiplies(page: Browser, provider: Provider):
    working = "3*8+0=24;5*8+2=42;\nAnswer: 424"
    provider.set(*(Model(name, says=working) for name in NAMES))
    page.ask("Work it out.", "moa-lite")
    page.finished()
    assert page.driver.find_element("css selector", ".answer").text.startswith(working)
    assert "3*8+0=24;5*8+2=42;" in page.text("#team .draft .text")


def test_markdown_code_and_mathematics(page: Browser, provider: Provider):
    provider.set(*(Model(name, says=PROSE) for name in NAMES))
    page.ask("Show it.", "moa-lite")
    page.finished()
    assert page.text(".answer strong") == "Bold"
    page.until(lambda: page.text(".answer .hljs-string") == "'<b>'")
    assert page.text(".answer pre code").strip() == "print('<b>')"
    assert page.text(".answer .code-bar span") == "python"
    assert len(page.find(".answer math")) == 2
    assert page.find(".answer table td")
    assert "$5 and $6" in page.text(".answer")


def test_a_phone_can_show_it_all(page: Browser):
    size = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        page.ask("Tell me something with_a_very_long_word_" + "x" * 80, "smoa")
        page.finished()
        assert page.run("return document.documentElement.scrollWidth") <= 390
        page.find("#show-team")[0].click()
        page.until(
            lambda: page.run("return document.querySelector('#team .draft').checkVisibility()")
        )
        assert page.run("return document.querySelector('#team').scrollWidth") <= 390
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_first_sight_says_what_to_do(page: Browser):
    page.choose("smoa")
    page.until(lambda: "Role-playing proposers" in page.text("#about"))
    assert "Agents: Draft in roles, a judge keeps the best." in page.text("#about")
    box = page.run("return document.querySelector('#ask').getBoundingClientRect().bottom")
    height = page.run("return innerHeight")
    assert height - 40 < box < height, "the question's box stands at the bottom"
    example = page.texts("#examples button")[0]
    page.find("#examples button")[0].click()
    page.finished()
    assert page.text(".turn .question") == example
    assert not page.find("#welcome")[0].is_displayed()


def test_the_page_weighs_little_and_forbids_what_it_does_not_need(server: str):
    body, headers = fetch(server, accept_encoding="gzip")
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    static = Path(__file__).parents[2] / "studio" / "page" / "static"
    files = [p for p in static.rglob("*.*") if p.suffix in (".js", ".css", ".woff2", ".svg")]
    bodies = [
        fetch(f"{server}/static/{path.relative_to(static)}", accept_encoding="gzip")[0]
        for path in files
    ]
    assert len(files) > 12
    # The mathematics font is fetched with the first formula.
    font = static / "vendor" / "StixTwoMath.woff2"
    assert font.stat().st_size < 200_000
    bodies = [body for path, body in zip(files, bodies, strict=True) if path != font]
    assert len(body) + sum(map(len, bodies)) <= 500_000


def test_the_api_refuses_what_it_cannot_read(server: str):
    def post(path: str, body: object, kind: str = "application/json") -> tuple[int, str]:
        with pytest.raises(urllib.error.HTTPError) as caught:
            fetch(server + path, body, content_type=kind)
        with caught.value as error:
            return error.code, json.load(error)["error"]

    thread = "0" * 32
    path = f"/api/threads/{thread}/turns"
    assert post(path, {"question": "x", "model": "moa"}, "text/plain")[0] == 415
    assert "did you mean 'moa'" in post(path, {"question": "x", "model": "mao"})[1]
    assert post(path, {"question": " ", "model": "moa"}) == (400, "the question is empty")
    assert post(path, [])[0] == 400
