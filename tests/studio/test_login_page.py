"""A browser signs in with a key, behind a proxy's path, and uses the page."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from langgraph_ensemble.testing import Provider
from operated import CAT, bearer, operated

sys.path.insert(0, str(Path(__file__).parent))
from browser import CHROMIUM, DRIVER, Browser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER), reason="no Chromium: apt-get install chromium chromium-driver"
    ),
]


def test_sign_in_and_ask(files: dict[str, Path], tmp_path: Path, provider: Provider) -> None:
    folder = tmp_path / "server"
    folder.mkdir()
    with operated(files, folder, ENSEMBLE_ROOT_PATH="/ens") as server:
        browser = Browser(tmp_path / "chromium")
        try:
            browser.driver.get(f"{server.url}/ens")
            assert browser.driver.current_url == f"{server.url}/ens/login"
            browser.find("#key")[0].send_keys("a wrong key")
            browser.find("button")[0].click()
            browser.until(lambda: "not known" in browser.text("#said"))
            colour = "return getComputedStyle(document.querySelector(arguments[0])).color"
            red = "return getComputedStyle(document.body).getPropertyValue('--bad')"
            browser.run(f"document.querySelector('button').style.color = ({red[7:]})")
            assert browser.run(colour, "#said") == browser.run(colour, "button")
            assert browser.find("#said")[0].get_attribute("role") == "alert"
            browser.find("#key")[0].send_keys(CAT)
            browser.find("button")[0].click()
            browser.until(lambda: browser.find("#model option"))
            assert browser.driver.current_url == f"{server.url}/ens/"
            browser.ask("Say something.", "avengers-cheap")
            browser.finished()
            assert provider.calls() == 1
            # Scripts of the page cannot read the session.
            assert browser.run("return document.cookie") == ""
            severe = [e for e in browser.driver.get_log("browser") if e["level"] == "SEVERE"]
            assert all("401" in entry["message"] for entry in severe), severe
        finally:
            browser.close()
        (account,) = server.send("GET", "/v1/usage", **bearer(CAT)).json["keys"]
        assert account["used"]["calls"] == 1
