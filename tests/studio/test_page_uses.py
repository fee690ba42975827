"""What people do with the page: edit, compare, find, save, read, with or without a mouse."""

from __future__ import annotations

import base64
import gc
import json
import re
import socket
import struct
import sys
import threading
import urllib.error
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from helpers import member
from langgraph_ensemble import Pool
from langgraph_ensemble.studio.app import create_app
from selenium.webdriver.common.keys import Keys

sys.path.insert(0, str(Path(__file__).parent))
from browser import CHROMIUM, DRIVER, Browser
from langgraph_ensemble.testing import Model, Provider
from serving import fetch, get
from starlette.applications import Starlette

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER),
    reason="no Chromium: apt-get install chromium chromium-driver",
)
NAMES = ("ann", "ben", "cat")
LITE = "moa-lite"
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
RICH = r"""# Title

Noted[^a] and ![A cat](https://example.com/cat.png).

- [x] done
- [ ] to do

<details><summary>Why</summary>

Because.

</details>

| Method | What it does | Where | Accuracy | Remarks |
|---|---|---|---|---|
| Mixture-of-Agents | proposers draft, aggregators write | arXiv 2406.04692 | 65.1 | many calls |

$$\left(\begin{matrix} a \\ d \\ g \\ j \end{matrix}\right) + (x)$$

```
A line of code so long that no column of an answer has room for it, a a a a a a a a a a a a a a end.
```

[^a]: The **note**.
"""


def says(provider: Provider, text: str) -> None:
    provider.set(*(Model(name, says=text) for name in NAMES))


def axe(page: Browser) -> list[str]:
    """The violations that axe finds, each with its element."""
    folder = Path(str(find_spec("axe_core_python").submodule_search_locations[0]))  # pyright: ignore
    # Animations are caught half-way otherwise.
    page.until(lambda: page.run("return document.getAnimations().length") == 0)
    page.run((folder / "axe.min.js").read_text())
    return page.driver.execute_async_script(
        "const [done] = arguments; axe.run().then(r => done(r.violations"
        ".flatMap(v => v.nodes.map(n => `${v.id}: ${n.html.slice(0, 120)}`))), e => done([`${e}`]))"
    )


def seen(page: Browser) -> list[str]:
    return [text.strip() for text in page.texts(".turn .question")]


def test_markdown_of_every_kind_is_readable(page: Browser, provider: Provider):
    says(provider, RICH)
    page.ask("Show it.", LITE)
    page.finished()
    page.until(lambda: page.find(".answer .code"))
    assert page.texts(".answer [data-kind]") == ["☑", "☐"]
    assert page.text(".answer summary") == "Why"
    assert page.text(".answer sup[data-note]") == "1"
    assert "The note." in page.texts(".answer ol li")
    assert page.text(".answer a[href='https://example.com/cat.png']") == "Image: A cat"
    assert page.text("h1") == "Show it."
    assert page.text(".answer h4") == "Title"
    assert page.text(".turn h2") == "You asked"
    assert page.text(".turn .author") == "Mixture of Agents · lite"
    loaded = "return [...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)"
    page.until(lambda: any("STIX Two Math" in name for name in page.run(loaded)))
    tall, short = page.run(
        "return [...document.querySelectorAll('.answer math mo')]"
        ".filter(n => n.textContent === '(').map(n => n.getBoundingClientRect().height)"
    )
    assert tall > 2.5 * short, "the brackets of a matrix are as tall as it is"
    page.until(lambda: page.find(".answer pre[tabindex='0']"))
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    try:
        page.until(lambda: page.find(".answer .table[tabindex='0']"))
        broken = page.run(
            "const range = document.createRange(); const broken = [];"
            "for (const cell of document.querySelectorAll('.answer td, .answer th')) {"
            " const text = cell.firstChild;"
            " for (const {0: w, index} of text.data.matchAll(/\\w+/g)) {"
            "  range.setStart(text, index); range.setEnd(text, index + w.length);"
            "  if (range.getClientRects().length > 1) broken.push(w); } } return broken"
        )
        assert broken == []
        assert page.run("return document.documentElement.scrollWidth") <= 390
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    page.find("#team .draft button")[0].click()
    page.until(lambda: page.text("#team .draft .prose h4") == "Title")
    assert page.text("#team .draft .prose strong") == "note"
    assert axe(page) == []


def test_edit_ask_again_and_turn_back(page: Browser, provider: Provider):
    page.ask("One?", LITE)
    page.finished()
    page.ask("Two?")
    page.finished(2)
    page.press_button("Edit", ".turn")
    box = page.find(".edit textarea")[0]
    box.send_keys(Keys.CONTROL, "a")
    box.send_keys("Other?", Keys.ENTER)
    page.until(lambda: seen(page) == ["Other?"])
    page.finished(1)
    asked = [m["content"] for m in provider.log()[-1]["messages"]]
    assert not any("One?" in each or "Two?" in each for each in asked)
    assert page.text(".versions") == "‹2 / 2›"
    page.press_button("Ask again", ".turn")
    page.until(lambda: page.text(".versions") == "‹3 / 3›")
    page.finished(1)
    page.press_button("‹", ".versions")
    page.press_button("‹", ".versions")
    page.until(lambda: seen(page) == ["One?", "Two?"])
    page.ask("Three?")
    page.finished(3)
    asked = [m["content"] for m in provider.log()[-1]["messages"]]
    assert "One?" in asked
    assert "Two?" in asked
    assert not any("Other?" in each for each in asked)
    page.driver.refresh()
    page.until(lambda: seen(page) == ["One?", "Two?", "Three?"])
    assert page.texts(".versions") == ["‹1 / 3›"]


def test_graphs_side_by_side_and_going_on_with_one(page: Browser, provider: Provider):
    page.choose(LITE)
    page.find("#compare")[0].click()
    page.run(
        "const s = document.querySelector('#also select'); s.value = 'smoa-cheap';"
        "s.dispatchEvent(new Event('change'))"
    )
    page.ask("Which is better?")
    page.finished(1)
    assert page.texts(".panel .author") == [
        "Mixture of Agents · litecontinues here",
        "Sparse Mixture of Agents · cheap",
    ]
    first, second = page.texts(".panel .answer")
    assert first.strip() != ""
    assert second.strip() != ""
    page.press_button("Continue with this")
    page.until(lambda: page.texts(".panel .author")[1].endswith("continues here"))
    page.run("document.querySelector('#also button').click()")
    page.ask("Why?")
    page.finished(2)
    history = [m["content"] for m in provider.log()[-1]["messages"] if m["role"] == "assistant"]
    assert [text.strip() for text in history] == [second.strip()]
    page.driver.refresh()
    page.until(lambda: len(page.find(".panel .reply")) == 2)
    assert page.texts(".panel .author")[1].endswith("continues here")
    assert axe(page) == []


def test_instructions_for_the_team(page: Browser, provider: Provider):
    page.find("#show-knobs")[0].click()
    page.find("#system")[0].send_keys("Be brief, please.", Keys.TAB)
    page.press(Keys.ESCAPE)
    page.until(lambda: page.text("#show-knobs") == "Settings · 1")
    page.ask("Hello?", LITE)
    page.finished()
    for call in provider.log():
        assert "Be brief, please." in json.dumps(call["messages"])
    page.driver.refresh()
    page.until(lambda: page.text("#show-knobs") == "Settings · 1")
    page.ask("And again?")
    page.finished(2)
    assert "Be brief, please." in json.dumps(provider.log()[-1]["messages"])


def test_rename_search_and_save(page: Browser, provider: Provider, server: str, tmp_path: Path):
    says(provider, "The answer has a zyzzyva in it.")
    page.ask("A question to be renamed.", LITE)
    page.finished()
    page.until(lambda: page.texts("#threads h2")[:1] == ["Today"])
    menu = "document.querySelector('.thread.current button').click()"
    page.run(menu)
    page.press_button("Rename", "#menu")
    box = page.find(".thread input")[0]
    box.send_keys(Keys.CONTROL, "a")
    box.send_keys("100% my own_title", Keys.ENTER)
    page.until(lambda: page.text(".thread.current a") == "100% my own_title")
    for word, found in (("zyzzyva", 1), ("100%", 1), ("own_ti", 1), ("nothing like it", 0)):
        page.find("#search")[0].send_keys(Keys.CONTROL, "a")
        page.find("#search")[0].send_keys(word)
        page.until(lambda found=found: len(page.find("#threads .thread")) == found)
    page.run("const s = document.getElementById('search'); s.value = '';"
             "s.dispatchEvent(new Event('input'))")  # fmt: skip
    page.until(lambda: page.find(".thread.current"))
    allow = {"behavior": "allow", "downloadPath": str(tmp_path)}
    page.driver.execute_cdp_cmd("Browser.setDownloadBehavior", allow)
    for label in ("Save as Markdown", "Save as JSON"):
        page.run(menu)
        page.press_button(label, "#menu")
    files = ("100 my own_title.md", "100 my own_title.json")
    page.until(lambda: all((tmp_path / name).exists() for name in files))
    text = (tmp_path / files[0]).read_text()
    assert text.startswith("# 100% my own_title\n\n## You\n\nA question to be renamed.\n")
    assert "## Mixture of Agents · lite\n\nThe answer has a zyzzyva in it." in text
    saved = json.loads((tmp_path / files[1]).read_text())
    assert saved["turns"][0]["result"]["strategy"] == "moa"
    name = page.run("return location.hash.slice(1)")
    assert get(f"{server}/api/threads/{name}")["title"] == "100% my own_title"


def test_a_phone_shows_the_team_at_work(page: Browser, provider: Provider):
    provider.set(*(Model(name, token_ms=60) for name in NAMES))
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    try:
        page.ask("A long question. " * 120, LITE)
        page.until(lambda: len(page.find(".strip .dot")) == 3)
        assert page.run("return document.querySelector('.strip').checkVisibility()")
        page.until(lambda: re.search(r"drafts are in… \d+ s", page.text(".progress")))
        bubble = "return document.querySelector('.turn .question').offsetHeight"
        folded = page.run(bubble)
        page.finished()
        page.press_button("Show all", ".turn")
        assert page.run(bubble) > 2 * folded
        assert axe(page) == []
        page.find("#show-team")[0].click()
        shown = "return document.querySelector('#team .draft.ok').checkVisibility()"
        page.until(lambda: page.run(shown))
        assert axe(page) == []
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_keyboard_reaches_the_question_first(page: Browser):
    first = "return document.querySelector('a, button, input, select, textarea, [tabindex]').id"
    assert page.run(first) == "skip"
    page.run("document.getElementById('skip').focus()")
    page.press(Keys.ENTER)
    assert page.run("return document.activeElement.id") == "question"
    page.find("#show-knobs")[0].click()
    assert "Drafts kept" not in page.text("#knobs span")
    page.choose("smoa")
    assert "Drafts kept" in page.texts("#knobs span")
    page.choose("avengers")
    assert "by what each has proved" in page.texts("#knobs option")
    assert axe(page) == []
    page.run("document.documentElement.dataset.theme = 'dark'")
    assert axe(page) == []


def test_a_failure_reads_well(page: Browser, provider: Provider):
    provider.set(*(Model(name, fault="dead") for name in NAMES))
    page.ask("Tell me something.", LITE)
    page.finished()
    page.until(lambda: page.text("#team .chip") == "failed")
    assert axe(page) == []


def test_a_draft_that_only_calls_tools_shows_its_calls(page: Browser):
    shown = page.driver.execute_async_script(
        "const [done] = arguments; const draft = {key: 'k', member: 'ann', status: 'ok', text: '',"
        " calls: [{name: 'weather', args: {city: 'Rome'}}]};"
        "import('/static/draft.js').then(({card}) =>"
        " done(card({id: 'r'}, draft, (name) => name, () => 1, () => {}).textContent))"
    )
    assert shown == 'anncalls weather({"city":"Rome"})'


def test_images_need_a_member_that_sees(page: Browser, server: str):
    page.find("#attach")[0].click()
    page.until(lambda: "No model of this team sees images." in page.text("#notice"))
    page.press_button("OK", "#notice")
    status, body = posted(server, {"question": "x", "model": LITE, "images": [PIXEL]})
    assert status == 400
    assert "'vision: true'" in body["error"]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


# One red pixel.
PNG = b"".join(
    [
        b"\x89PNG\r\n\x1a\n",
        _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)),
        _chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")),
        _chunk(b"IEND", b""),
    ]
)
PIXEL = "data:image/png;base64," + base64.b64encode(PNG).decode()


def posted(server: str, body: dict[str, Any]) -> tuple[int, Any]:
    """Status and body of a refused question."""
    try:
        fetch(f"{server}/api/threads/{'1' * 32}/turns", body)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
    return 200, None


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """An application in a thread of this process."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    collector = gc.get_threshold()
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
        # The application has changed the collector of its process, which is ours.
        gc.unfreeze()
        gc.set_threshold(*collector)


def test_an_image_reaches_the_member_that_sees(window: Browser, provider: Provider, tmp_path: Path):
    provider.set(Model("ann", sees=True))
    pool = Pool([member(provider, "ann", vision=True), member(provider, "ben")])
    picture = tmp_path / "dot.png"
    picture.write_bytes(PNG)
    with serving(create_app(pool, data=tmp_path / "data.sqlite")) as url:
        window.open(url)
        window.find("#files")[0].send_keys(str(picture))
        window.until(lambda: window.find("#images img"))
        window.ask("What is on it?", LITE)
        window.finished()
        window.until(lambda: "says about this" in window.text(".turn .answer"))
        window.driver.refresh()
        window.until(lambda: window.find(".turn .question img"))
        assert axe(window) == []
        window.driver.get("about:blank")
    sent = json.dumps(provider.log("ann")[0]["messages"])
    assert "data:image/png;base64," in sent


def test_the_bundled_models_say_what_they_can_do(window: Browser, tmp_path: Path):
    with serving(create_app(data=tmp_path / "data.sqlite")) as url:
        window.open(url)
        window.until(lambda: window.find("#bundled")[0].is_displayed())
        assert "They are tiny" in window.text("#bundled")
        assert "ensemble pool init" in window.text("#bundled pre")
        assert axe(window) == []
        window.ask("What is the capital of Portugal?", "avengers")
        window.finished()
        window.until(lambda: len(window.find("#team .map text")) > 10)
        overlapping = window.run(
            "const boxes = [...document.querySelectorAll('.map text')].map(n => n.getBBox());"
            "return boxes.flatMap((a, i) => boxes.slice(i + 1).filter(b => a.x < b.x + b.width &&"
            " b.x < a.x + a.width && a.y + 3 < b.y + b.height && b.y + 3 < a.y + a.height)).length"
        )
        assert overlapping == 0
        window.find("#new")[0].click()
        window.until(lambda: not window.find(".turn"))
        window.choose(LITE)
        assert window.texts("#examples button")[0] == "What is the capital of Portugal?"
        window.find("#examples button")[0].click()
        window.finished()
        assert "Lisbon" in window.text(".turn .answer")
        window.driver.get("about:blank")
