"""What the page says and shows: nothing that is not so, nothing out of reach."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

sys.path.insert(0, str(Path(__file__).parent))
from browser import CHROMIUM, DRIVER, Browser
from langgraph_ensemble.testing import Model, Provider, bank
from langgraph_ensemble.testing.serving import app_server, write_pool

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER),
    reason="no Chromium: apt-get install chromium chromium-driver",
)
NAMES = ("ann", "ben", "cat")
LITE = "moa-lite"
TABLE = """| a | b | c |
|---|---:|:---:|
| 1 | 2 | 3 |

Takes ~5-~10 minutes, ~~no~~ <kbd>Ctrl</kbd>."""


@pytest.fixture
def phone(page: Browser) -> Iterator[Browser]:
    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    touch = {"enabled": True, "maxTouchPoints": 1}
    page.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", touch)
    page.driver.refresh()
    page.until(lambda: page.find("#model option"))
    page.until(lambda: page.text("#about"))
    yield page
    touch = {"enabled": False}
    page.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", touch)
    page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def says(provider: Provider, text: str) -> None:
    provider.set(*(Model(name, says=text) for name in NAMES))


def test_an_answer_that_was_not_given_is_not_done(
    window: Browser, provider: Provider, tmp_path: Path
):
    provider.set(*(Model(name, says=f"Maybe.\nAnswer: {name}") for name in NAMES))
    pool = write_pool(tmp_path, provider.url)
    pool.write_text(f"{pool.read_text()}confidence: 0.6\ndecline: I would rather not say.\n")
    with app_server(tmp_path, pool) as url:
        window.open(url)
        window.ask("Who has the key?", "avengers")
        window.finished()
        assert window.text(".turn .answer").strip() == "I would rather not say."
        window.until(lambda: window.text("#team h2 .chip") == "no answer given")
        assert window.text("#team .mark") == "best guess"
        assert window.text(".turn .unsure").endswith("The best guess was: ann")
        window.driver.get("about:blank")


def test_the_marks_of_markdown_mean_what_their_writers_mean(page: Browser, provider: Provider):
    says(provider, TABLE)
    page.ask("Show it.", LITE)
    page.finished()
    page.until(lambda: page.find(".answer td"))
    aligned = (
        "return [...document.querySelectorAll('.answer td')]"
        ".map(n => getComputedStyle(n).textAlign)"
    )
    assert page.run(aligned) == ["start", "right", "center"]
    assert page.texts(".answer del") == ["no"]
    assert "~5-~10 minutes" in page.text(".answer")
    assert page.text(".answer kbd") == "Ctrl"
    page.until(lambda: page.find("#team .draft .text"))
    assert "|" not in page.text("#team .draft .text")


def test_a_right_to_left_text_runs_from_the_right(page: Browser, provider: Provider):
    says(provider, "عاصمة مصر هي القاهرة.\n\nIn English: Cairo.")
    page.ask("ما هي عاصمة مصر؟", LITE)
    page.finished()
    # The distance of the text from the right edge of its paragraph, and from the left one.
    script = """
        return [...document.querySelectorAll(".turn .answer p, .turn .question")].map((node) => {
          const range = document.createRange();
          range.selectNodeContents(node);
          const [text, box] = [range.getBoundingClientRect(), node.getBoundingClientRect()];
          return [box.right - text.right, text.left - box.left, getComputedStyle(node).unicodeBidi];
        })"""
    question, arabic, english = page.run(script)
    assert question[2] == "plaintext"
    assert arabic[0] < 2 < arabic[1]
    assert english[1] < 2 < english[0]


def test_a_conversation_is_printed_whole_and_alone(page: Browser, provider: Provider):
    says(provider, "\n\n".join(each.text for each in bank()[:120]))
    page.ask("Say much.", LITE)
    page.finished()
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        script = """
            const shown = (s) => document.querySelector(s).checkVisibility();
            const [talk, last] = [document.getElementById("talk"), ".turn .answer p:last-child"];
            const others = ["#history", "#team", "#ask", "header.bar", ".turn footer button"];
            return [others.filter(shown),
              shown(last), talk.scrollHeight - talk.clientHeight,
              document.documentElement.scrollHeight > 1.5 * innerHeight]"""
        assert page.run(script) == [[], True, 0, True]
    finally:
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_a_phone_can_leave_what_it_opened(phone: Browser):
    assert phone.run("return document.activeElement.id") != "question", "no keyboard by itself"
    for opener, name in (("show-team", "team-open"), ("show-history", "history-open")):
        is_open = f"return document.body.classList.contains('{name}')"
        phone.find(f"#{opener}")[0].click()
        phone.until(lambda is_open=is_open: phone.run(is_open))
        phone.until(lambda: [n for n in phone.find("aside > .close, .bar .close") if _whole(n)])
        next(n for n in phone.find(".close") if _whole(n)).click()
        assert not phone.run(is_open)
        phone.until(lambda: phone.run("return document.getAnimations().length") == 0)
    phone.find("#show-knobs")[0].click()
    top, bottom = (
        phone.run(f"return document.querySelector('{each}').getBoundingClientRect().{side}")
        for each, side in (("#knobs", "top"), ("#model", "bottom"))
    )
    assert top >= bottom, "the settings do not cover the menu of graphs"
    phone.press_button("Close", "#knobs")
    assert not phone.find("#knobs")[0].is_displayed()
    phone.find("#show-knobs")[0].click()
    phone.find("#question")[0].click()
    assert not phone.find("#knobs")[0].is_displayed(), "a tap beside the settings closes them"


def _whole(node: object) -> bool:
    return bool(node.is_displayed() and node.rect["x"] >= 0)  # pyright: ignore


def test_a_phone_begins_a_conversation_and_puts_the_keyboard_away(
    phone: Browser, provider: Provider
):
    phone.choose(LITE)
    phone.find("#question")[0].send_keys("A question that takes more than one line of a phone")
    assert phone.run("const q = document.getElementById('question');"
                     "return q.scrollHeight <= q.clientHeight + 1")  # fmt: skip
    phone.find("#question")[0].send_keys(Keys.ENTER)
    assert phone.run("return document.activeElement.id") != "question"
    phone.finished()
    phone.find("#new-here")[0].click()
    phone.until(lambda: not phone.find(".turn"))


def test_numbers_and_words_of_the_map_are_told(page: Browser):
    page.ask("In algebra, which x makes 43 times x equal to 10922?", "avengers")
    page.finished()
    page.until(lambda: page.find("#team .ranking"))
    assert page.text("#team .key") == "How well each did on such questionsscore, 0 to 1"
    assert not set(page.texts("#team .map text")) & {"what", "with", "from", "then", "about"}
    page.choose("debate")
    page.ask("And what is half of it?")
    page.finished(2)
    page.until(lambda: page.text("#team h2").startswith("Debate"))
    assert "Round 1" in page.text("#team h3")
    assert "Layer" not in page.text("#team h3")


def test_what_waits_is_readable_all_the_time(page: Browser, provider: Provider):
    provider.set(*(Model(name, token_ms=60) for name in NAMES))
    page.ask("Tell me something slowly.", LITE)
    page.until(lambda: page.find(".turn .progress"))
    moving = (
        "return document.getAnimations().filter(a => !a.effect.pseudoElement)"
        ".map(a => a.effect.target.className)"
    )
    assert page.run(moving) == [], "words do not fade"
    page.press(Keys.ESCAPE)
    page.finished()


def test_the_team_of_every_graph_is_shown(page: Browser):
    """Each in turn, with a task map; none may end in an error of a script."""
    for form in ("symbolic-moe", "llm-router", "self-consistency", "ranker", "moa-adaptive"):
        page.find("#new")[0].click()
        page.until(lambda: not page.find(".turn"))
        page.ask("In algebra, which x makes 43 times x equal to 10922?", form)
        page.finished()
        page.until(lambda: page.text("#team h2 .chip") == "done")
        assert page.find("#team .draft"), form
        if form in ("symbolic-moe", "llm-router"):
            assert "Who is asked" in page.texts("#team h3")
    assert not [line for line in page.driver.get_log("browser") if "TypeError" in line["message"]]


def test_who_is_signed_in_no_more_signs_in_and_finds_the_question(
    window: Browser, provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PAGE_KEY", "a-key-of-the-page")
    pool = write_pool(tmp_path, provider.url)
    with app_server(tmp_path, pool, more={"ENSEMBLE_API_KEYS": "PAGE_KEY"}) as url:
        window.driver.get(url)
        window.find("#key")[0].send_keys("a-key-of-the-page", Keys.ENTER)
        window.until(lambda: window.find("#model option"))
        window.driver.delete_all_cookies()
        window.ask("Is this kept?", LITE)
        window.press_button("Sign in", "#notice")
        window.until(lambda: window.find("#key"))
        window.find("#key")[0].send_keys("a-key-of-the-page", Keys.ENTER)
        window.until(lambda: window.find("#question"))
        kept = "return document.getElementById('question').value"
        window.until(lambda: window.run(kept) == "Is this kept?")
        window.until(lambda: window.text("#who").startswith("Signed in as page_key"))
        window.press_button("Sign out", "#who")
        window.until(lambda: window.find("#key"))
        window.driver.get("about:blank")


def test_a_limit_that_ended_the_run_is_told_with_the_answer(page: Browser):
    page.run("localStorage.setItem('knobs', JSON.stringify({'moa-lite': {max_calls: 2}}))")
    page.ask("Little budget.", LITE)
    page.finished()
    assert "The limit of calls is reached." in page.text(".turn footer .remark")
    page.until(lambda: "was not asked: the limit is reached" in page.text("#team .draft"))
    assert "max_calls" not in page.text("#team")
    page.run("localStorage.removeItem('knobs')")
