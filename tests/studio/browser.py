"""Debian's Chromium, driven by Selenium."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--test-type",
    "--window-size=1440,900",
)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")


class Browser:
    """One browser window with the actions that tests need."""

    def __init__(self, folder: Path) -> None:
        options = webdriver.ChromeOptions()
        for flag in (*FLAGS, f"--user-data-dir={folder}"):
            options.add_argument(flag)
        options.binary_location = str(CHROMIUM)
        self.driver = webdriver.Chrome(options, webdriver.ChromeService(str(DRIVER)))

    def close(self) -> None:
        self.driver.quit()

    def open(self, url: str) -> None:
        """Open a page as a new visitor, without stored conversations."""
        # A file of the same origin, whose storage is the page's.
        self.driver.get(f"{url}/static/icon.svg")
        self.run("localStorage.clear(); sessionStorage.clear()")
        self.driver.get(url)
        self.until(lambda: self.find("#model option"))

    def close_others(self) -> None:
        """Close what links have opened: a page in the background is slowed down."""
        first, *others = self.driver.window_handles
        for window in others:
            self.driver.switch_to.window(window)
            self.driver.close()
        self.driver.switch_to.window(first)

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def find(self, selector: str) -> list[Any]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def texts(self, selector: str) -> list[str]:
        """The texts of all matching elements, read in one script."""
        script = "return [...document.querySelectorAll(arguments[0])].map(n => n.textContent)"
        return self.run(script, selector)

    def text(self, selector: str) -> str:
        return " ".join(self.texts(selector))

    def until(self, condition: Callable[[], Any], seconds: float = 20) -> Any:
        return WebDriverWait(self.driver, seconds, 0.05).until(lambda _: condition())

    def choose(self, model: str) -> None:
        script = (
            "const s = document.getElementById('model'); s.value = arguments[0];"
            "s.dispatchEvent(new Event('change'))"
        )
        self.run(script, model)

    def ask(self, question: str, model: str | None = None) -> None:
        if model:
            self.choose(model)
        box = self.driver.find_element(By.ID, "question")
        box.send_keys(question, Keys.ENTER)

    def press(self, key: str) -> None:
        webdriver.ActionChains(self.driver).send_keys(key).perform()

    def finished(self, turns: int = 1) -> None:
        """Wait until there are `turns` turns and none is running."""
        self.until(lambda: len(self.find(".turn")) == turns and not self.find(".turn.running"), 30)

    def press_button(self, label: str, within: str = "body") -> None:
        """Click the first button of that label, in one script: the page redraws what goes on."""
        script = (
            "const found = [...document.querySelectorAll(arguments[1] + ' button')]"
            ".find(b => b.textContent === arguments[0] && b.checkVisibility() && !b.disabled);"
            "found?.click(); return Boolean(found)"
        )
        self.until(lambda: self.run(script, label, within))

    def new_tab(self, url: str) -> str:
        """Open another tab; its handle."""
        self.driver.switch_to.new_window("tab")
        self.driver.get(url)
        self.until(lambda: self.find("#model option"))
        return self.driver.current_window_handle
