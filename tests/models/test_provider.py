"""Providers of other packages: installed by an entry point, used in lists and pool files."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest
from helpers import ask
from langgraph_ensemble import InputError, Member, Pool, create_moa
from langgraph_ensemble.models import Provider, register, registry

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / "examples" / "own_provider.py").read_text()
Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a package of one module with one entry point, laid out as pip installs it."""
    site = tmp_path / "site"
    modules: list[str] = []

    def put(name: str, text: str, *, module: str = "", value: str = "PROVIDER") -> None:
        module = module or f"ensemble_{name}"
        about = site / f"{module}-1.0.dist-info"
        about.mkdir(parents=True)
        (site / f"{module}.py").write_text(text)
        title = module.replace("_", "-")
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {title}\nVersion: 1.0\n")
        points = f"[langgraph_ensemble.providers]\n{name} = {module}:{value}\n"
        (about / "entry_points.txt").write_text(points)
        modules.append(module)
        registry.forget_packages()

    monkeypatch.syspath_prepend(site)
    yield put
    for module in modules:
        sys.modules.pop(module, None)
    monkeypatch.undo()
    registry.forget_packages()


@pytest.fixture
def echo(install: Install, tmp_path: Path) -> str:
    """The example of the documentation as an installed package, and a program to run with it."""
    install("command", EXAMPLE)
    program = tmp_path / "echo"
    program.write_text(
        f"#!{sys.executable}\nimport sys\n"
        "print('Answer: 17' if 'Repeat after me: 17' in sys.stdin.read() else 'Answer: 0')\n"
    )
    program.chmod(0o755)
    return str(program)


async def test_an_installed_provider_answers_in_a_moa(echo) -> None:
    pool = Pool([f"command:{echo}", Member(name="two", provider="command", model=echo)])
    assert pool.names == ["echo", "two"]
    state = await create_moa(pool, layers=2).compile().ainvoke(ask("Repeat after me: 17"))
    assert [draft["text"] for draft in state["result"]["drafts"]] == ["Answer: 17"] * 2
    assert state["result"]["fell_back"] == []


async def test_an_installed_provider_answers_from_a_pool_file(echo, tmp_path) -> None:
    (tmp_path / "pool.yaml").write_text(
        "members:\n"
        f"  - {{name: ann, provider: command, model: '{echo}', params: {{arguments: [-v]}}}}\n"
        f"  - command:{echo}\n"
    )
    pool = Pool.from_file(tmp_path / "pool.yaml")
    assert [member.price and member.price.input for member in pool] == [0, 0], "its defaults"
    state = await create_moa(pool, layers=2).compile().ainvoke(ask("Repeat after me: 17"))
    assert {draft["status"] for draft in state["result"]["drafts"]} == {"ok"}
    assert state["messages"][-1].text == "Answer: 17"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("model: /no/such/program", "member 'a': there is no program '/no/such/program'"),
        ("model: <echo>, params: {argument: [x]}", "has no parameter 'argument'; did you mean"),
        ("model: <echo>, api_key_env: NO_KEY", "variable NO_KEY is not set"),
    ],
)
def test_its_checks_are_one_line_when_the_file_is_read(echo, tmp_path, fields, message) -> None:
    fields = fields.replace("<echo>", echo)
    (tmp_path / "pool.yaml").write_text(f"members: [{{name: a, provider: command, {fields}}}]")
    with pytest.raises(InputError) as error:
        Pool.from_file(tmp_path / "pool.yaml")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import no_such_module_anywhere", "ModuleNotFoundError: No module named 'no_such_modul"),
        ("raise SystemError('bad\\nmore')", "cannot be loaded: SystemError: bad"),
        ("PROVIDER = 3", "is not an instance of langgraph_ensemble.models.Provider but int"),
        ("", "AttributeError"),
    ],
)
def test_a_broken_package_is_named_and_does_no_harm(echo, install, tmp_path, text, message) -> None:
    install("broken", text)
    (tmp_path / "pool.yaml").write_text("members: [{name: a, provider: broken, model: m}]")
    for use in (
        lambda: Pool(["broken:m"]),
        lambda: Pool.from_file(tmp_path / "pool.yaml"),
        lambda: Member(name="a", provider="broken", model="m"),
    ):
        with pytest.raises(ValueError, match=r"provider 'broken' of package ensemble-broken 1\.0"):
            use()
    with pytest.raises(InputError) as error:
        Pool(["broken:m"])
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert Pool([f"command:{echo}", "ollama:qwen2.5:7b"]).names == ["echo", "qwen2.5-7b"]


def test_two_packages_with_one_name_are_both_named(install) -> None:
    text = "from langgraph_ensemble.models import Provider\nPROVIDER = Provider()"
    install("twice", text, module="ensemble_one")
    install("twice", text, module="ensemble_two")
    with pytest.raises(InputError, match=r"package ensemble-one 1\.0 and package ensemble-two"):
        Pool(["twice:m"])


def test_a_package_cannot_take_a_name_of_ours(install) -> None:
    install("openai", "raise SystemError", module="ensemble_thief")
    install("together", "raise SystemError", module="ensemble_thief_too")
    assert Member(name="a", model="m", base_url="http://x").speaks_openai
    with pytest.raises(InputError, match="'ollama' is built in"):
        register("ollama", Provider())


def test_an_unknown_provider_is_told_the_nearest_of_all(echo, tmp_path) -> None:
    with pytest.raises(InputError, match=r"unknown provider 'comand'.*did you mean 'command'"):
        Pool(["comand:m"])
    with pytest.raises(InputError, match=r"unknown provider 'opnai'.*did you mean 'openai'"):
        Pool(["opnai:m"])
    with pytest.raises(ValueError, match=r"unknown provider 'antropic'; did you mean 'anthropic'"):
        Member(name="a", provider="antropic", model="m")
    (tmp_path / "pool.yaml").write_text("members: [{name: a, provider: comand, model: m}]")
    with pytest.raises(InputError, match="'provider': unknown provider 'comand'; did you mean"):
        Pool.from_file(tmp_path / "pool.yaml")


@pytest.mark.parametrize(
    ("member", "message"),
    [
        ("{provider: pocket, model: facts, params: {sed: 1}}", "did you mean 'seed'"),
        ("{provider: llamacpp, model: SmolLM2-135M, params: {parallel: 0}}", "at least 1"),
        ("{provider: llamacpp, model: SmolLM2-135M, params: {threads: x}}", "params.threads"),
        ("{provider: llamacpp, model: SmolLM3}", "member 'a': no model 'SmolLM3'"),
        ("{provider: ollama}", "'model' is missing"),
    ],
)
def test_the_built_in_ones_check_what_they_take(tmp_path, member, message) -> None:
    (tmp_path / "pool.yaml").write_text(f"members: [{{name: a, {member[1:]}]")
    with pytest.raises(InputError) as error:
        Pool.from_file(tmp_path / "pool.yaml")
    assert message in str(error.value)


def test_every_built_in_provider_says_what_it_can() -> None:
    for name in ("openai", "llamacpp", "huggingface", "pocket", "langchain"):
        provider = registry.load(name)
        assert isinstance(provider, Provider)
        assert registry.load(name) is provider, "one instance, whoever asks"
    assert import_module("langgraph_ensemble.models.built_in").__doc__


def test_clients_are_imported_when_they_are_built() -> None:
    heavy = ("torch", "onnxruntime", "langchain_openai", "langchain_huggingface", "transformers")
    script = (
        "import sys\n"
        "from langgraph_ensemble import Member, Pool\n"
        "pool = Pool(['ollama:qwen2.5:7b', 'llamacpp:SmolLM2-135M', 'huggingface:a', 'pocket:b'])\n"
        "assert [m.speaks_openai for m in pool] == [True, True, False, False]\n"
        "assert [m.calls_tools for m in pool] == [True, True, False, False]\n"
        f"print([name for name in {heavy!r} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


def test_the_example_runs() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "own_provider.py")], capture_output=True, text=True
    )
    assert done.stdout == "Answer: 4\n", done.stderr
