"""The page loses nothing: broken connections, other tabs, deleted conversations."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from browser import CHROMIUM, DRIVER, Browser
from cable import Cable
from langgraph_ensemble.testing import Model, Provider

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER),
    reason="no Chromium: apt-get install chromium chromium-driver",
)
NAMES = ("ann", "ben", "cat")
LITE = "moa-lite"


@pytest.fixture
def cable(window: Browser, server: str) -> Iterator[Cable]:
    """The page, opened through a cable."""
    cable = Cable(server)
    window.open(cable.url)
    yield cable
    window.driver.get("about:blank")
    cable.close()


def slow(provider: Provider, milliseconds: int = 100) -> None:
    provider.set(*(Model(name, token_ms=milliseconds) for name in NAMES))


@pytest.mark.parametrize("ends_meanwhile", [False, True])
def test_a_broken_connection_is_made_again(
    cable: Cable, window: Browser, provider: Provider, ends_meanwhile: bool
):
    slow(provider, 40 if ends_meanwhile else 120)
    window.ask("Tell me something slowly.", LITE)
    window.until(lambda: window.find("#team .draft.running"))
    cable.cut()
    window.until(lambda: "The connection is lost" in window.text(".turn footer"))
    if ends_meanwhile:
        window.until(lambda: provider.calls() == 4)
    cable.mend()
    window.until(lambda: "The connection is lost" not in window.text(".turn footer"))
    window.finished()
    window.until(lambda: "says about this" in window.text(".turn .answer"))
    window.until(lambda: window.text("#team .chip") == "done")
    assert len(window.find("#team .draft.ok")) == 3
    assert provider.calls() == 4, "nothing was asked twice"


def test_a_question_that_does_not_arrive_is_kept(cable: Cable, window: Browser):
    cable.cut()
    window.ask("Where does this go?", LITE)
    window.until(lambda: "The server cannot be reached." in window.text("#notice"))
    assert window.run("return document.getElementById('question').value") == "Where does this go?"
    assert not window.find(".turn")
    window.press_button("Try again")
    window.until(lambda: "The server cannot be reached." in window.text("#notice"))
    cable.mend()
    window.press_button("Try again")
    window.finished()
    assert window.text(".turn .question") == "Where does this go?"
    window.until(lambda: "says about this" in window.text(".turn .answer"))
    assert window.run("return document.getElementById('question').value") == ""
    assert not window.find("#notice")[0].is_displayed()


def test_an_unsent_question_survives_a_reload(page: Browser):
    page.find("#question")[0].send_keys("Not sent yet")
    page.driver.refresh()
    page.until(lambda: page.find("#model option"))
    value = "return document.getElementById('question').value"
    page.until(lambda: page.run(value) == "Not sent yet")


def test_turns_of_another_tab_appear(page: Browser, provider: Provider):
    page.ask("First.", LITE)
    page.finished()
    first = page.driver.current_window_handle
    page.new_tab(page.driver.current_url)
    try:
        page.finished()
        slow(provider)
        page.ask("Asked in the second tab.")
        page.until(lambda: page.find("#team .draft.running"))
        page.driver.switch_to.window(first)
        page.until(lambda: "Asked in the second tab." in page.text(".turn .question"))
        page.until(lambda: page.find(".turn.running"))
        page.finished(2)
        assert "says about this" in page.texts(".turn .answer")[1]
    finally:
        page.close_others()


def test_a_question_to_a_busy_thread_is_kept(page: Browser, provider: Provider):
    page.ask("First.", LITE)
    page.finished()
    slow(provider, 70)
    # A device that shares no channel with this tab begins a turn.
    page.run(
        "fetch(`/api/threads/${location.hash.slice(1)}/turns`, {method: 'POST',"
        " headers: {'Content-Type': 'application/json'},"
        " body: JSON.stringify({question: 'From a phone.', model: 'moa-lite'})})"
    )
    page.until(lambda: provider.calls() > 4)
    page.ask("From here.")
    page.until(lambda: "in another tab or on another device" in page.text("#notice"))
    assert page.run("return document.getElementById('question').value") == "From here."
    page.until(lambda: "From a phone." in page.text(".turn .question"))
    page.finished(2)
    page.press_button("Try again", "#notice")
    page.finished(3)
    assert page.texts(".turn .question") == ["First.", "From a phone.", "From here."]


def test_delete_is_visible_and_can_be_undone(page: Browser):
    page.ask("One of a kind.", LITE)
    page.finished()
    size = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        page.find("#show-history")[0].click()
        menu = ".thread.current button"
        page.until(lambda: page.find(menu) and page.find(menu)[0].is_displayed())
        assert page.run(f"return getComputedStyle(document.querySelector('{menu}')).opacity") == "1"
        page.until(lambda: page.run("return document.getAnimations().length") == 0)
        page.run(f"document.querySelector('{menu}').click()")
        page.press_button("Delete", "#menu")
        page.until(lambda: "One of a kind." not in page.text("#threads"))
        page.until(lambda: not page.find(".turn"))
        page.press_button("Undo", "#toast")
        page.until(lambda: "One of a kind." in page.text("#threads .current"))
        page.until(lambda: "says about this" in page.text(".turn .answer"))
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_new_conversation_shows_in_the_history_at_once(page: Browser, provider: Provider):
    slow(provider)
    page.ask("Just begun.", LITE)
    page.until(lambda: page.text("#threads .current a") == "Just begun.", 3)
    assert page.find(".turn.running")
    page.find("#stop")[0].click()
    page.finished()
    # Nothing on the panel looks as if it went on.
    page.until(lambda: page.text("#team .chip") == "stopped")
    assert not page.find("#team .running")


def test_an_address_of_no_conversation_says_so(page: Browser, server: str):
    for name in ("%zz", "../models", "0" * 32):
        page.driver.get("about:blank")
        page.driver.get(f"{server}/#{name}")
        page.until(lambda: "There is no such conversation." in page.text("#notice"))
    page.ask("Still here?", LITE)
    page.finished()
    assert "says about this" in page.text(".turn .answer")


def test_a_conversation_that_is_left_goes_on_and_is_found_again(page: Browser, provider: Provider):
    slow(provider, 70)
    page.ask("Leave me.", LITE)
    page.until(lambda: page.find("#team .draft.running"))
    address = page.driver.current_url
    page.find("#new")[0].click()
    page.until(lambda: not page.find(".turn"))
    assert page.find("#send")[0].is_displayed(), "the new conversation is free"
    page.run("location.href = arguments[0]", address)
    page.until(lambda: page.find(".turn.running"))
    page.finished()
    assert "says about this" in page.text(".turn .answer")
    assert provider.calls() == 4
