"""Predictions of a task map in the format of RouterArena (arXiv 2510.00202).

RouterArena asks a router which model it would use for each of its questions, calls these models
itself and grades them. It wants two files: the router's models, and one prediction a question.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..profiles import Profile

_BATCH = 256


def export(
    profile: Profile,
    dataset: str | Path,
    out: str | Path,
    name: str,
    *,
    models: Mapping[str, str] | None = None,
    prices: Mapping[str, float] | None = None,
    alpha: float = 1.0,
) -> tuple[Path, Path]:
    """Write the configuration and the predictions of a task map.

    Args:
        profile: The task map.
        dataset: RouterArena's questions, its `router_data.json` or `router_data_10.json`.
        out: A folder; the files are `config/NAME.json` and `predictions/NAME.json` in it, as in
            RouterArena's folder `router_inference`.
        name: The router's name.
        models: RouterArena's name of each member; a member that is left out is not routed to. By
            default members have those names.
        prices: US dollars per million tokens by member, for `alpha` below 1.
        alpha: Quality (1) against cost (0).

    Returns:
        The two files.

    Raises:
        InputError: The questions cannot be read, a member is unknown, or the task map was
            calibrated on one of the questions: a router that has seen them is not comparable.

    Example:
        >>> import tempfile
        >>> rows = [{"query": f"add {i} to 2", "scores": {"a": 1.0, "b": 0.0}} for i in range(8)]
        >>> folder = Path(tempfile.mkdtemp())
        >>> asked = [{"global index": "Sums_1", "prompt_formatted": "add 90 to 2"}]
        >>> _ = (folder / "data.json").write_text(json.dumps(asked))
        >>> _, predictions = export(Profile.fit(rows), folder / "data.json", folder, "mine")
        >>> json.loads(predictions.read_text())[0]["prediction"]
        'a'
    """
    names = dict(models) if models is not None else {m: m for m in profile.members}
    if strangers := sorted(names.keys() - set(profile.members)):
        known = ", ".join(profile.members)
        raise InputError(f"models: the task map has no {', '.join(strangers)}; it has {known}")
    questions = _questions(Path(dataset))
    prompts = [prompt for _, prompt in questions]
    if (seen := int((~np.isnan(profile.levels.find(prompts))).sum())) > 0:
        raise InputError(
            f"the task map was calibrated on {seen} of the {len(prompts)} questions; fit one "
            "without them, or its result is not comparable"
        )
    picked: list[str] = []
    for start in range(0, len(prompts), _BATCH):
        routed = profile.route(
            prompts[start : start + _BATCH], members=list(names), prices=prices, alpha=alpha
        )
        picked += [names[choices[0].member] for choices in routed]
    config = {"pipeline_params": {"router_name": name, "models": sorted(set(names.values()))}}
    predictions = [
        {
            "global index": index,
            "prompt": prompt,
            "prediction": model,
            "generated_result": None,
            "cost": None,
            "accuracy": None,
        }
        for (index, prompt), model in zip(questions, picked, strict=True)
    ]
    return (
        _write(Path(out) / "config" / f"{name}.json", config),
        _write(Path(out) / "predictions" / f"{name}.json", predictions),
    )


def _questions(path: Path) -> list[tuple[Any, str]]:
    """The index and the prompt of each question."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: no JSON ({error})") from None
    questions = []
    for place, row in enumerate(rows if isinstance(rows, list) else [None]):
        fields = row if isinstance(row, dict) else {}
        prompt = fields.get("prompt_formatted") or fields.get("prompt")
        if not fields.get("global index") or not isinstance(prompt, str):
            raise InputError(
                f"{path}, entry {place + 1}: RouterArena's entries have a 'global index' and a "
                "'prompt_formatted'"
            )
        questions.append((fields["global index"], prompt))
    if not questions:
        raise InputError(f"{path}: there is no question")
    return questions


def _write(path: Path, value: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path
