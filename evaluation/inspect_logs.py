"""Read logs of inspect-ai as recorded answers, so that runs you have cost no further call.

A log holds one model. Logs of the same questions are joined; a sample without a score, or with an
error, is a hole. The rows are those of `calibration.records`: `Profile.fit`, `ensemble calibrate
--recorded` and `ensemble evaluate --recorded` take them. inspect-ai itself, the extra `inspect`,
reads the files.
"""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import InputError
from ..hints import nearest, shown
from ..models.model_names import slug
from .inspect_model import MISSING

_WORDS = {"c": 1.0, "i": 0.0, "p": 0.5, "n": 0.0, "yes": 1.0, "no": 0.0, "true": 1.0, "false": 0.0}
_ENDINGS = (".eval", ".json")
LARGEST = 4 * 2**30
"""Bytes of the largest log that is read, unpacked."""

Grade = Callable[[Any], float | None]


class _Sample(NamedTuple):
    score: float
    said: Any
    cost: float | None


@dataclass
class _Asked:
    """A question, with the samples of each member and the log that they are from."""

    accepted: list[str]
    samples: dict[str, list[_Sample]] = field(default_factory=dict)
    sources: dict[str, Path] = field(default_factory=dict)


def read_logs(
    paths: str | Path | Iterable[str | Path],
    *,
    names: Mapping[str, str] | None = None,
    scorer: str | None = None,
    grade: Grade | None = None,
) -> list[dict[str, Any]]:
    """Recorded answers from logs of inspect-ai.

    Args:
        paths: Logs (`.eval` or `.json`), or folders of logs.
        names: The member of each model, such as `{"openai/gpt-5": "gpt"}`; by default the last
            part of the model's name.
        scorer: Whose scores are read; needed where samples have scores of several.
        grade: From a score's value to a number from 0 to 1, or None for a hole; by default
            `to_score`.

    Returns:
        Rows `{"query", "dataset", "answer", "scores", "answers", "costs"}`: `answer` lists the
        accepted answers, `scores` are means over epochs, `answers` what was said (a list where
        there are several epochs), `costs` US dollars a sample where they are known.

    Raises:
        InputError: A file is no log, or there is no usable score; one line says what to change.

    Example:
        >>> try:
        ...     read_logs("no.eval")
        ... except InputError as error:
        ...     print(error)
        no.eval: there is no such log
    """
    asked: dict[tuple[str, str], _Asked] = {}
    models: dict[str, str] = {}
    files = _files([paths] if isinstance(paths, str | Path) else paths)
    for path in files:
        log = _read(path)
        model = str(log.eval.model)
        member = (names or {}).get(model) or slug(model)
        if models.setdefault(member, model) != model:
            raise InputError(
                f"{path}: {model!r} and {models[member]!r} would both be {member!r}; tell them "
                "apart: names={MODEL: MEMBER}"
            )
        for sample in log.samples or []:
            _add(asked, sample, log, path, member, scorer, grade or to_score)
    if not asked:
        raise InputError(f"{', '.join(map(str, files))[:300]}: no sample has a score")
    return [_row(query, dataset, each) for (dataset, query), each in asked.items()]


def to_score(value: Any) -> float | None:
    """A score's value as a number from 0 to 1: C, I, P and N, yes and no, numbers as they are.

    Raises:
        InputError: It is none of these.

    Example:
        >>> [to_score(value) for value in ("C", "P", "N", True, 0.25, float("nan"))]
        [1.0, 0.5, 0.0, 1.0, 0.25, None]
    """
    if isinstance(value, str):
        known = _WORDS.get(value.strip().lower())
        if known is not None:
            return known
        with suppress(ValueError):
            value = float(value)
    if isinstance(value, int | float):
        if math.isnan(value):
            return None  # inspect-ai's mark of a sample that could not be scored
        if 0 <= value <= 1:
            return float(value)
    raise InputError(
        f"the score {shown(value)} is not C, I, P, N or a number from 0 to 1; say what it is "
        "worth: grade=FUNCTION"
    )


def write_rows(rows: Iterable[Mapping[str, Any]], path: str | Path) -> Path:
    r"""Write rows as JSONL, for `--recorded`.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "answers.jsonl"
        >>> write_rows([{"query": "2+2?", "scores": {"ann": 1.0}}], file).read_text()
        '{"query": "2+2?", "scores": {"ann": 1.0}}\n'
    """
    path = Path(path)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def _files(paths: Iterable[str | Path]) -> list[Path]:
    found: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix in _ENDINGS and p.is_file())
            # eval sets keep their own notes beside the logs
            inside = [p for p in inside if p.suffix == ".eval" or _is_log(p)]
            if not inside:
                raise InputError(f"{path}: no log (.eval or .json) in it")
            found += inside
        elif not path.is_file():
            raise InputError(f"{path}: there is no such log")
        else:
            found.append(path)
    return list(dict.fromkeys(found))


def _is_log(path: Path) -> bool:
    """Whether a JSON file begins as a log of inspect-ai does."""
    with path.open("rb") as file:
        return b'"version"' in (head := file.read(200)) and b'"status"' in head


def _read(path: Path) -> Any:
    """A log with its samples."""
    try:
        from inspect_ai.log import read_eval_log  # pyright: ignore[reportMissingImports]
    except ModuleNotFoundError:
        raise InputError(MISSING) from None
    try:
        if _size(path) > LARGEST:
            raise InputError(f"{path}: over {LARGEST // 2**30} GiB unpacked; split the log")
        log = read_eval_log(path, resolve_attachments="core")
    except InputError:
        raise
    except Exception as error:
        why = (str(error).splitlines() or [""])[0][:120]
        raise InputError(
            f"{path}: not a log of inspect-ai that can be read ({type(error).__name__}: {why})"
        ) from None
    if not log.samples:
        raise InputError(f"{path}: the log has no samples (status {log.status}); leave it out")
    return log


def _size(path: Path) -> int:
    if not zipfile.is_zipfile(path):
        return path.stat().st_size
    with zipfile.ZipFile(path) as packed:
        return sum(each.file_size for each in packed.infolist())


def _add(
    asked: dict[tuple[str, str], _Asked],
    sample: Any,
    log: Any,
    path: Path,
    member: str,
    scorer: str | None,
    grade: Grade,
) -> None:
    """Add one sample of a log, unless it is a hole."""
    where = f"{path}, sample {str(sample.id)[:80]!r}"
    if sample.error is not None or sample.invalidation is not None or not sample.scores:
        return
    try:
        score = grade(_value(sample.scores, scorer))
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    if score is None:
        return
    query, accepted = _query(sample), _accepted(sample.target)
    place = asked.setdefault((str(log.eval.task), query), _Asked(accepted))
    if place.accepted != accepted:
        raise InputError(f"{where}: the same question has another target elsewhere in the logs")
    if place.sources.setdefault(member, path) != path:
        raise InputError(
            f"{where}: {place.sources[member]} has the same question of {member!r}; leave one log "
            "out, or give the models names of their own"
        )
    used = sample.model_usage.get(log.eval.model)
    said = _Sample(float(score), _said(sample.output), used.total_cost if used else None)
    place.samples.setdefault(member, []).append(said)


def _value(scores: Mapping[str, Any], scorer: str | None) -> Any:
    if scorer is None and len(scores) > 1:
        raise InputError(f"several scorers: {', '.join(scores)}; name one: scorer=NAME")
    name = next(iter(scores)) if scorer is None else scorer
    if name not in scores:
        raise InputError(f"no scorer {name!r}; {nearest(name, scores, 'there are')}")
    return scores[name].value


def _query(sample: Any) -> str:
    """What was asked: the user's message, or the conversation, then the choices."""
    if isinstance(sample.input, str):
        text = sample.input
    else:
        turns = [turn for turn in sample.input if turn.role != "system"]
        alone = len(turns) == 1
        text = "\n\n".join(turn.text if alone else f"{turn.role}: {turn.text}" for turn in turns)
    return "\n".join([text, *_lettered(sample.choices or [])])


def _lettered(choices: Iterable[str]) -> Iterator[str]:
    # As inspect-ai's `multiple_choice` names them.
    for place, choice in enumerate(choices):
        yield f"{chr(ord('A') + place) if place < 26 else place - 25}) {choice}"


def _accepted(target: str | list[str]) -> list[str]:
    return [text for text in ([target] if isinstance(target, str) else target) if text.strip()]


def _said(output: Any) -> Any:
    """The text of an answer, or its tool calls where it has no text."""
    calls = output.message.tool_calls if output.choices else None
    if calls and not output.completion:
        return [{"name": call.function, "args": call.arguments} for call in calls]
    return output.completion


def _row(query: str, dataset: str, asked: _Asked) -> dict[str, Any]:
    row: dict[str, Any] = {"query": query, "dataset": dataset}
    if asked.accepted:
        row["answer"] = asked.accepted
    row |= {"scores": {}, "answers": {}, "costs": {}}
    for member, samples in asked.samples.items():
        row["scores"][member] = sum(each.score for each in samples) / len(samples)
        said = [each.said for each in samples]
        row["answers"][member] = said[0] if len(said) == 1 else said
        costs = [each.cost for each in samples if each.cost is not None]
        if len(costs) == len(samples):
            row["costs"][member] = sum(costs) / len(costs)
    return row
