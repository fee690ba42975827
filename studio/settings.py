"""What an operator sets: limits, keys, the prefix of a proxy, what is logged and traced."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ..errors import InputError
from .telemetry.watch import ITSELF

PREFIX = "ENSEMBLE_"
"""Beginning of the settings' environment variables: `ENSEMBLE_MAX_BODY` and so on."""


class Settings(BaseModel):
    """The settings of a server; each is an option of `ensemble serve` and an environment variable.

    Attributes:
        max_body: Largest body of a request, in bytes.
        body_seconds: Longest silence of a client that sends a body; it is let go then.
        max_conversation: Most characters of a conversation of the page, or of responses that follow
            each other: questions, answers and images as data URLs.
        response_days: Days for which a stored response of `/v1/responses` is kept.
        max_runs: Most runs at once.
        queue: Most requests that wait for a run to end; further ones get status 429.
        queue_seconds: Longest wait of a request, in seconds.
        api_keys: Names of environment variables that hold keys, and YAML files of keys, separated
            by spaces; without any, everyone who reaches the server may use it.
        root_path: Path under which a proxy publishes the server, such as `/ensemble`.
        log_file: File of the log, one JSON object a line; by default beside the conversations.
        probe_seconds: Seconds for which a look at the members' servers holds.
        log_texts: Whether questions and answers are logged and traced.
        show_team: Whether LangGraph's UI messages show the team in front ends that can show them.

    Example:
        >>> Settings.read({"ENSEMBLE_MAX_RUNS": "8"}).max_runs
        8
    """

    model_config = ConfigDict(frozen=True)

    max_body: int = Field(16 * 1024 * 1024, ge=1)
    body_seconds: float = Field(30.0, gt=0)
    max_conversation: int = Field(16 * 1024 * 1024, ge=1)
    response_days: float = Field(30.0, gt=0, le=36_500)
    max_runs: int = Field(256, ge=1)
    queue: int = Field(256, ge=0)
    queue_seconds: float = Field(60.0, gt=0)
    api_keys: str = ""
    root_path: str = ""
    probe_seconds: float = Field(15.0, gt=0)
    log_file: Path | None = None
    log_texts: bool = False
    show_team: bool = False

    @field_validator("root_path")
    @classmethod
    def _plain(cls, given: str) -> str:
        path = "/" + given.strip("/") if given.strip("/") else ""
        if any(each in path for each in "?#\"'<>\\ ") or "//" in path or path == ITSELF:
            raise ValueError("write a path such as /ensemble")
        return path

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """The settings of the environment.

        Raises:
            InputError: A value cannot be used.
        """
        given = {name: environment.get(PREFIX + name.upper()) for name in cls.model_fields}
        try:
            return cls.model_validate({name: text for name, text in given.items() if text})
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0])
            said = first["msg"].removeprefix("Value error, ")
            raise InputError(f"{PREFIX}{name.upper()}={given[name]!r}: {said}") from None
