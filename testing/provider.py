"""A provider process: a real HTTP server on 127.0.0.1 with simulated models behind it."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any, TypedDict

from ..errors import InputError
from ..member import Member
from .model import Model


class Entry(TypedDict):
    """One chat request.

    Attributes:
        model: Name of the model.
        status: HTTP status of the reply; 0 while it is written, 599 if it broke off.
        n: Number of requested samples.
        seed: As in the request.
        temperature: As in the request.
        max_tokens: As in the request, under either of its names.
        stream: Whether the reply was streamed.
        sampling: The other options of sampling in the request, such as `top_p`.
        response_format: As in the request.
        tools: As in the request.
        tool_choice: As in the request.
        messages: As in the request.
        began: Time of arrival, in seconds since 1970.
        ended: End of the reply; None while it is written.
        fault: The fault that was applied; "" for none.
        faulty: Whether there was one.
        tokens: Tokens of prompt and reply together.
        sent: Number of tokens of a stream that were sent.
    """

    model: str
    status: int
    n: int
    seed: int | None
    temperature: float | None
    max_tokens: int | None
    stream: bool
    sampling: dict[str, Any]
    response_format: dict[str, Any] | None
    tools: list[dict[str, Any]] | None
    tool_choice: str | dict[str, Any] | None
    messages: list[dict[str, Any]]
    began: float
    ended: float | None
    fault: str
    faulty: bool
    tokens: int
    sent: int


class Provider:
    """An OpenAI-compatible server in a process of its own, as a context manager.

    It has chat completions (streams, several samples, tools, response formats, token counts),
    embeddings of 64 numbers, and the list of models. It ends with its parent, even if that is
    killed. It needs the `testing` extra.

    Attributes:
        url: Its address, including `/v1`, after the start.

    Example:
        >>> from langgraph_ensemble import create_moa
        >>> with Provider([Model("ann"), Model("ben", fault="dead")]) as provider:
        ...     moa = create_moa([provider.member("ann"), provider.member("ben")]).compile()
        ...     result = moa.invoke({"messages": "What is 2 + 2?"})["result"]
        >>> sorted((draft["member"], draft["status"]) for draft in result["drafts"])[-1]
        ('ben', 'failed')
    """

    def __init__(self, models: Iterable[Model] = ()) -> None:
        """Prepare the provider; the `with` block starts it.

        Args:
            models: Its models; `set` adds further ones.

        Raises:
            InputError: The `testing` extra is missing.
        """
        for package in ("starlette", "uvicorn"):
            if find_spec(package) is None:
                raise InputError(
                    f"a provider process needs the testing extra: "
                    f"pip install 'langgraph-ensemble[testing]' ({package} is missing)"
                )
        self._models = list(models)
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def __enter__(self) -> Provider:
        """Start the server.

        Raises:
            RuntimeError: It did not start; standard error gives the reason.
        """
        # -P: modules in the current folder must not shadow those that the server needs.
        command = [sys.executable, "-P", "-m", "langgraph_ensemble.testing.server"]
        self._process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        models = json.dumps([model.data() for model in self._models])
        try:
            self._process.stdin.write(models + "\n")  # pyright: ignore[reportOptionalMemberAccess]
            self._process.stdin.flush()  # pyright: ignore[reportOptionalMemberAccess]
            port = int(self._process.stdout.readline())  # pyright: ignore[reportOptionalMemberAccess]
        except (OSError, ValueError):
            self.__exit__()
            raise RuntimeError("the provider process did not start") from None
        self.url: str = f"http://127.0.0.1:{port}/v1"
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server immediately."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def member(self, name: str, **fields: Any) -> Member:
        """A member that calls this server.

        Args:
            name: The member's name, and that of its simulated model unless `fields` has `model`.
            fields: Further fields of the `Member`. By default it has a price, is not retried, and
                counts as large, because small members get other prompts.
        """
        usual = {"model": name, "price": {"input": 1.0, "output": 2.0}, "retries": 0, "size": 7.0}
        return Member(**{"name": name, "base_url": self.url, **usual, **fields})

    def set(self, *models: Model) -> None:
        """Add models, or replace models with the same names."""
        self._post("models", [model.data() for model in models])

    def replace(self, *models: Model) -> None:
        """Serve these models and no others."""
        self._post("models?only=1", [model.data() for model in models])

    def reset(self) -> None:
        """Clear the log of requests."""
        self._post("reset", None)

    def log(self, model: str | None = None) -> list[Entry]:
        """The chat requests since the last reset in order, optionally of one model."""
        with urllib.request.urlopen(f"{self.url}/_log") as reply:  # noqa: S310
            entries = json.load(reply)
        return [entry for entry in entries if model in (None, entry["model"])]

    def calls(self, model: str | None = None) -> int:
        """The number of chat requests since the last reset, optionally of one model."""
        return len(self.log(model))

    def _post(self, what: str, data: Any) -> None:
        body = json.dumps(data).encode()
        request = urllib.request.Request(f"{self.url}/_{what}", data=body, method="POST")  # noqa: S310
        with urllib.request.urlopen(request):  # noqa: S310
            pass
