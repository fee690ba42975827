"""The public test models: the documentation's tests pass, faults work, no process is left over."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import get_args

import pytest
from langgraph_ensemble import InputError, create_moa, testing
from langgraph_ensemble.testing import Model, Provider, model, provider

ROOT = Path(__file__).parents[2]
SNIPPETS = re.findall(
    r"^```python\n(.*?)^```", (ROOT / "docs" / "testing.md").read_text(), re.M | re.S
)


def test_the_tests_of_the_documentation_pass(tmp_path) -> None:
    """The documentation's tests pass as a user's own file in a folder of its own."""
    (tmp_path / "test_mine.py").write_text("\n".join(SNIPPETS))
    # The plugin for asynchronous tests needs settings that a new user has not made.
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:asyncio"]
    done = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert f"{len(SNIPPETS)} passed" in done.stdout


@pytest.mark.parametrize("fault", [fault for fault in get_args(model.Fault) if fault])
def test_the_documentation_has_every_fault(fault) -> None:
    assert f"\n| `{fault}` |" in (ROOT / "docs" / "testing.md").read_text()
    assert Model("ann", fault=fault).fault == fault


def test_a_misspelt_fault_is_told_the_nearest() -> None:
    with pytest.raises(InputError, match="no fault 'ded'; did you mean 'dead'"):
        Model("ann", fault="ded")
    with pytest.raises(InputError, match="no judge style 'jsn'; did you mean 'json'"):
        Model("ann", judge_style="jsn")


def test_every_public_name_is_there_and_says_what_it_is() -> None:
    for name in testing.__all__:
        assert getattr(testing, name).__doc__, name


def test_the_log_has_the_fields_it_promises() -> None:
    with Provider([Model("ann")]) as process:
        create_moa([process.member("ann")], layers=2).compile().invoke({"messages": "Hello"})
        assert process.log()
        assert all(entry.keys() == provider.Entry.__annotations__.keys() for entry in process.log())


def test_it_ends_with_a_parent_that_is_killed() -> None:
    script = (
        "from langgraph_ensemble.testing import Provider\n"
        "import time\n"
        "with Provider() as provider:\n"
        "    print(provider.url, flush=True)\n"
        "    time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    with parent:
        assert parent.stdout
        url = parent.stdout.readline().strip()
        assert urllib.request.urlopen(url + "/models").status == 200  # noqa: S310
        os.kill(parent.pid, signal.SIGKILL)
    for _ in range(200):
        try:
            urllib.request.urlopen(url + "/models")  # noqa: S310
        except OSError:
            return
        time.sleep(0.05)
    pytest.fail("the provider process outlives its parent")


def test_a_missing_extra_is_one_line(monkeypatch) -> None:
    monkeypatch.setattr(provider, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"pip install 'langgraph-ensemble\[testing\]'"):
        Provider()


def test_the_server_needs_none_of_what_models_need() -> None:
    script = (
        "import sys, langgraph_ensemble.testing.server\n"
        "print([n for n in ('langgraph', 'langchain_core', 'numpy') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
