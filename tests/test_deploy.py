"""The files of `deploy/`, by the tools that read them, where those are: `make deploy-check`."""

from __future__ import annotations

import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import langgraph_ensemble
import pytest
import yaml
from langgraph_ensemble import InputError
from langgraph_ensemble.cli.main import app
from langgraph_ensemble.studio.access.keys import Keys
from langgraph_ensemble.studio.config import FILE
from langgraph_ensemble.studio.settings import PREFIX, Settings
from langgraph_ensemble.testing import Model, Provider
from langgraph_ensemble.testing.serving import app_server, free_port, write_pool
from typer.main import get_command

ROOT = Path(str(langgraph_ensemble.__file__)).parent
DEPLOY = ROOT / "deploy"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
TOOLS = "make deploy-check installs it"


def run(*command: str, **more: Any) -> str:
    """The output of a tool, which must be content; skips the test where it is missing."""
    if (program := shutil.which(command[0])) is None:
        pytest.skip(f"{command[0]} is not here: {TOOLS}")
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_langgraph_builds_an_image_with_this_package(tmp_path: Path) -> None:
    pytest.importorskip("langgraph_cli", reason="pip install 'langgraph-ensemble[studio]'")
    out = tmp_path / "Dockerfile"
    command = [sys.executable, "-m", "langgraph_cli", "dockerfile", "-c", str(FILE), str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    text = out.read_text()
    assert f"ADD . /deps/{ROOT.name}\n" in text
    # A folder without a pyproject.toml would be wrapped as a package of its own.
    assert "non-package" not in text
    assert FILE.parent == ROOT
    (graphs,) = re.findall(r"^ENV LANGSERVE_GRAPHS='(.*)'$", text, re.MULTILINE)
    paths = {each["path"].partition(":")[0] for each in json.loads(graphs).values()}
    assert paths == {"langgraph_ensemble.studio.graphs"}


def test_what_an_image_is_given_can_be_installed() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    wanted = {"pyproject.toml", PROJECT["readme"], *PROJECT["license-files"], "langgraph.json"}
    wanted |= {p.removeprefix("langgraph_ensemble").lstrip(".").split(".")[0] for p in packages()}
    assert not wanted & set(ignored)


def packages() -> list[str]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]


def started() -> Iterator[tuple[str, list[str]]]:
    """The arguments of `ensemble serve` in each file."""
    docker = (DEPLOY / "Dockerfile").read_text()
    for kind in ("ENTRYPOINT", "CMD"):
        (found,) = re.findall(rf"^{kind} (\[.*\])$", docker, re.MULTILINE)
        yield "Dockerfile", [word for word in json.loads(found) if word != "ensemble"]
    for name in ("compose.yaml", "compose.many.yaml"):
        yield name, yaml.safe_load((DEPLOY / name).read_text())["services"]["ensemble"]["command"]
    workers = yaml.safe_load((DEPLOY / "kubernetes" / "workers.yaml").read_text())
    yield "workers.yaml", workers["spec"]["template"]["spec"]["containers"][0]["args"]
    unit = (DEPLOY / "ensemble.service").read_text()
    (line,) = re.findall(r"^ExecStart=/opt/ensemble/bin/ensemble (.*)$", unit, re.MULTILINE)
    yield "ensemble.service", line.split()


@pytest.mark.parametrize(("file", "arguments"), list(started()))
def test_every_option_is_one_of_the_command(file: str, arguments: list[str]) -> None:
    command: Any = get_command(app)
    serve = command.commands["serve"]
    known = {name for each in serve.params for name in [*each.opts, *each.secondary_opts]}
    given = {word for word in arguments if word.startswith("--")}
    assert given or arguments == ["serve"], file
    assert given <= known, file


def test_every_extra_and_variable_is_known() -> None:
    texts = {path: path.read_text() for path in DEPLOY.rglob("*") if path.is_file()}
    text = "\n".join(texts.values())
    named = re.findall(r"EXTRAS[=:] ?([a-z,]+)$", text, re.MULTILINE)
    assert named
    assert {e for each in named for e in each.split(",")} <= set(PROJECT["optional-dependencies"])
    code = "\n".join(path.read_text() for path in (ROOT / "studio").glob("*.py"))
    proxy = {"ENSEMBLE_NAME", "ENSEMBLE_HOST", "ENSEMBLE_PORT"}
    settings = {PREFIX + name.upper() for name in Settings.model_fields}
    named = set(re.findall(r"ENSEMBLE_[A-Z_]*[A-Z]", text)) - proxy - settings
    unknown = {name for name in named if f'"{name}"' not in code}
    assert unknown == set()


def test_no_file_starts_a_server_without_a_key() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["ensemble"]
    workers = yaml.safe_load((DEPLOY / "kubernetes" / "workers.yaml").read_text())
    (container,) = workers["spec"]["template"]["spec"]["containers"]
    pod = {each["name"]: each["value"] for each in container["env"]}
    unit = (DEPLOY / "ensemble.service").read_text()
    set_ = {compose["environment"]["ENSEMBLE_API_KEYS"], pod["ENSEMBLE_API_KEYS"]}
    assert set_ == set(re.findall(r"^Environment=ENSEMBLE_API_KEYS=(\w+)$", unit, re.MULTILINE))
    # A variable without a value is refused at the start.
    (name,) = set_
    assert f"\n{name}=\n" in (DEPLOY / "example.env").read_text()
    assert f"--from-literal={name}=" in (DEPLOY / "kubernetes" / "kustomization.yaml").read_text()
    with pytest.raises(InputError, match=f"{name} is not set"):
        Keys.read(name, {name: ""})


@pytest.mark.parametrize("name", ["compose.yaml", "compose.many.yaml"])
def test_compose(name: str) -> None:
    run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(DEPLOY / name))


def test_dockerfile() -> None:
    run("hadolint", str(DEPLOY / "Dockerfile"))


def test_kubernetes() -> None:
    manifests = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    kinds = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text())["resources"]
    assert {path.name for path in manifests} == {*kinds, "kustomization.yaml"}
    for path in manifests:
        if path.name in kinds:
            assert "passed" in run("kubernetes-validate", "--strict", str(path))
    if shutil.which("kubectl"):
        built = list(yaml.safe_load_all(run("kubectl", "kustomize", str(DEPLOY / "kubernetes"))))
        assert {each["metadata"]["namespace"] for each in built} == {"ensemble"}


def test_systemd(tmp_path: Path) -> None:
    unit = tmp_path / "ensemble.service"
    text = (DEPLOY / "ensemble.service").read_text()
    unit.write_text(text.replace("/opt/ensemble/bin/ensemble", shutil.which("true") or "/bin/true"))
    assert run("systemd-analyze", "verify", str(unit)) == ""


@pytest.mark.slow
def test_a_stream_passes_the_proxy_as_it_comes(tmp_path: Path, provider: Provider) -> None:
    if shutil.which("caddy") is None:
        pytest.skip(f"caddy is not here: {TOOLS}")
    provider.replace(Model("ann", says="word " * 20, token_ms=100))
    with app_server(tmp_path, write_pool(tmp_path, provider.url, ["ann"])) as server:
        port = free_port()
        env = {
            **os.environ,
            "ENSEMBLE_NAME": f"http://localhost:{port}",
            "ENSEMBLE_PORT": server.rpartition(":")[2],
            "XDG_DATA_HOME": str(tmp_path / "data"),
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
        }
        text = (DEPLOY / "Caddyfile").read_text()
        # Its port of administration may be another Caddy's.
        (tmp_path / "Caddyfile").write_text("{\n\tadmin off\n}\n" + text)
        command = ["caddy", "run", "--config", str(tmp_path / "Caddyfile")]
        with (tmp_path / "caddy.log").open("wb") as log:
            proxy = subprocess.Popen(command, env=env, stdout=log, stderr=log)
        try:
            times = arrivals(f"http://localhost:{port}")
        finally:
            proxy.terminate()
            proxy.wait(20)
    # Twenty words, a tenth of a second apart.
    assert len(times) > 10
    assert times[-1] - times[2] > 1.0


@pytest.mark.slow
def test_a_stream_passes_nginx_with_tls_as_it_comes(tmp_path: Path, provider: Provider) -> None:
    if not (shutil.which("nginx") and shutil.which("openssl")):
        pytest.skip("nginx or openssl is not here: apt-get install nginx openssl")
    provider.replace(Model("ann", says="word " * 20, token_ms=100))
    port, cert, key = free_port(), tmp_path / "cert.pem", tmp_path / "key.pem"
    made = ["-keyout", str(key), "-out", str(cert), "-subj", "/CN=localhost"]
    named = ["-addext", "subjectAltName=DNS:localhost"]
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *made, *named)
    with app_server(tmp_path, write_pool(tmp_path, provider.url, ["ann"])) as server:
        site = (DEPLOY / "nginx.conf").read_text()
        live = "/etc/letsencrypt/live/ensemble.example.com"
        for old, new in (
            (f"{live}/fullchain.pem", str(cert)),
            (f"{live}/privkey.pem", str(key)),
            ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
            ("127.0.0.1:8123", server.removeprefix("http://")),
            ("ensemble.example.com", "localhost"),
        ):
            assert old in site
            site = site.replace(old, new)
        temporary = "".join(
            f"{name}_temp_path {tmp_path}/{name}; "
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        conf = tmp_path / "nginx.conf"
        conf.write_text(
            f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}} "
            f"http {{ access_log off; {temporary} {site} }}"
        )
        proxy = subprocess.Popen(["nginx", "-e", str(tmp_path / "error.log"), "-c", str(conf)])
        try:
            # As a browser's page sends it: its origin has the port.
            url = f"https://localhost:{port}"
            times = arrivals(url, ssl.create_default_context(cafile=str(cert)), Origin=url)
        finally:
            proxy.terminate()
            proxy.wait(20)
    assert len(times) > 10
    assert times[-1] - times[2] > 1.0


def arrivals(url: str, trust: ssl.SSLContext | None = None, **more: str) -> list[float]:
    """The times at which the pieces of an answer arrive."""
    body = {
        "model": "moa-lite",
        "messages": [{"role": "user", "content": "?"}],
        "stream": True,
    }
    headers = {"Content-Type": "application/json", **more}
    until = time.monotonic() + 20
    while True:
        try:
            urllib.request.urlopen(f"{url}/health", timeout=5, context=trust).close()  # noqa: S310
            break
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.1)
    request = urllib.request.Request(  # noqa: S310
        f"{url}/v1/chat/completions", json.dumps(body).encode(), headers
    )
    with urllib.request.urlopen(request, timeout=60, context=trust) as reply:  # noqa: S310
        return [time.monotonic() for line in reply if line.startswith(b"data: ")]
