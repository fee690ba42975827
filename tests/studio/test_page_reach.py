"""What is within reach on the page: a stop for each conversation, the end of a long answer."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

sys.path.insert(0, str(Path(__file__).parent))
from browser import CHROMIUM, DRIVER, Browser
from langgraph_ensemble.testing import Model, Provider

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER),
    reason="no Chromium: apt-get install chromium chromium-driver",
)
LITE = "moa-lite"
NAMES = ("ann", "ben", "cat")
FOCUSED = "return document.activeElement.innerText || document.activeElement.ariaLabel"


def press(page: Browser, *keys: str) -> str:
    ActionChains(page.driver).send_keys(*keys).perform()
    return page.run(FOCUSED)


def test_the_tab_key_stops_once_at_each_conversation(page: Browser):
    for place, question in enumerate(("One question?", "Another question?"), start=1):
        page.ask(question, LITE)
        page.finished()
        page.until(lambda: question in page.texts("#threads .thread a"))  # noqa: B023
        if place == 1:
            page.find("#new")[0].click()
            page.until(lambda: not page.find(".turn"))
    page.find("#search")[0].click()
    assert press(page, Keys.TAB) == "Another question?"
    assert press(page, Keys.TAB) == "One question?"
    assert press(page, Keys.ARROW_UP) == "Another question?"
    assert press(page, Keys.ARROW_DOWN) == "One question?"
    assert page.run("return document.activeElement.ariaLabel") is None
    press(page, Keys.ARROW_RIGHT)
    assert page.run("return document.activeElement.ariaLabel") == "Menu of “One question?”"
    assert press(page, Keys.ENTER) == "Rename"
    press(page, Keys.ESCAPE)
    page.until(lambda: not page.find("#menu:popover-open"))
    assert press(page, Keys.ARROW_LEFT) == "One question?"


def test_a_reader_of_a_long_answer_jumps_to_its_end(page: Browser, provider: Provider):
    draw = random.Random(7)
    words = ["".join(draw.choices("abcdefghiklmnoprstu", k=draw.randint(3, 9))) for _ in range(600)]
    long = "\n\n".join(" ".join(words[n : n + 2]) for n in range(0, 600, 2))
    provider.set(*(Model(name, says=long, token_ms=20) for name in NAMES))
    page.ask("Write much.", LITE)
    page.until(lambda: words[80] in page.text(".turn .answer"), 60)
    assert not page.find("#jump")[0].is_displayed()
    page.run("document.querySelector('#talk').scrollTop = 0")
    page.until(lambda: page.find("#jump")[0].is_displayed())
    at = "return document.querySelector('#talk').scrollTop"
    assert page.run(at) == 0
    page.find("#jump")[0].click()
    page.until(lambda: not page.find("#jump")[0].is_displayed())
    assert page.run(at) > 500
    # It follows the answer again.
    page.finished()
    assert not page.find("#jump")[0].is_displayed()


def test_a_failed_answer_is_tried_again_by_one_button(page: Browser, provider: Provider):
    provider.set(*(Model(name, fault="dead") for name in NAMES))
    page.ask("Anyone?", LITE)
    page.until(lambda: "Try again" in page.texts(".turn footer button"))
    assert "Ask again" not in page.texts(".turn footer button")
    provider.set(*(Model(name) for name in NAMES))
    page.press_button("Try again", ".turn")
    page.finished()
    assert "Ask again" in page.texts(".turn footer button")
