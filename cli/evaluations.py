"""The options of `ensemble evaluate` and `ensemble plan`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import InputError
from .engine import Engine, RayWorkers

if TYPE_CHECKING:
    from .bench import Setting

PoolFile = Annotated[
    Path | None,
    typer.Option("--pool", help="The pool; default: ENSEMBLE_POOL, ./pool.yaml or bundled models."),
]
ProfileFolder = Annotated[
    Path | None,
    typer.Option("--profile", help="The task map; default: ENSEMBLE_PROFILE or ./profile."),
]
Recorded = Annotated[
    bool, typer.Option("--recorded", help="The members are those whose answers DATA holds.")
]
StoreFile = Annotated[
    Path | None, typer.Option("--store", help="Keeps every call and outcome; default: DATA.sqlite.")
]
Systems = Annotated[
    str | None,
    typer.Option(
        help="Systems to run, with commas: singles, single:NAME, routed, majority, team, "
        "self-consistency:N, aggregators, proposers, oracle, a graph or a preset; options "
        "follow a colon: moa:layers=2."
    ),
]
TaskName = Annotated[
    str | None,
    typer.Option(
        "--task",
        help="DATA holds rows of this data set, graded by its rule: math500 …; without DATA they "
        "come from Hugging Face.",
    ),
]
JudgeName = Annotated[
    str | None,
    typer.Option(
        "--judge",
        help="With --task: who grades what only a judge can (flask, mt_bench …): a member of the "
        "pool, or provider:model.",
    ),
]
Published = Annotated[
    bool, typer.Option("--published", help="With --task: its published rule, faults included.")
]
InSample = Annotated[
    bool,
    typer.Option("--in-sample", help="Keep questions that the task map was calibrated on."),
]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Leave bad rows out.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Limit = Annotated[int | None, typer.Option(min=1, help="Most questions, the first ones.")]


def evaluate(
    data: Annotated[
        Path | None,
        typer.Argument(
            help="Questions with accepted answers, or scores; without it 198 questions for the "
            "bundled models."
        ),
    ] = None,
    systems: Systems = None,
    pool: PoolFile = None,
    profile: ProfileFolder = None,
    recorded: Recorded = False,
    task: TaskName = None,
    published: Published = False,
    judge: JudgeName = None,
    calibration: Annotated[
        Path | None,
        typer.Option(
            help="Recorded scores on other questions: the report's task maps of several sizes are "
            "fitted on them; default: on folds of DATA."
        ),
    ] = None,
    store: StoreFile = None,
    report: Annotated[
        list[Path] | None, typer.Option(help="Write a report: .html or .md; may be repeated.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Ask nobody; list the calls that are missing.")
    ] = False,
    budget: Annotated[
        float | None, typer.Option(min=0, help="Most US dollars for calls of this run.")
    ] = None,
    max_calls: Annotated[int | None, typer.Option(min=0, help="Most calls of this run.")] = None,
    limit: Limit = None,
    concurrency: Annotated[int, typer.Option(min=1, max=512, help="Questions at once.")] = 8,
    engine: Engine = "local",
    workers: RayWorkers = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of every run.")] = 42,
    in_sample: InSample = False,
    aggregation_test: Annotated[
        bool,
        typer.Option(
            "--aggregation-test",
            help="Test each member as the aggregator of one right and two wrong answers of DATA.",
        ),
    ] = False,
    mode: Annotated[
        str, typer.Option(help="Without --systems: posterior, published or reference.")
    ] = "posterior",
    alpha: Annotated[
        float, typer.Option(help="Without --systems: quality (1) against cost (0).")
    ] = 1.0,
    skip_bad: SkipBad = False,
    as_json: AsJson = False,
) -> None:
    """Run systems side by side; without --systems and --task, route recorded scores."""
    if aggregation_test:
        from .aggregation import choose_aggregator

        for option, given in (
            ("--systems", systems), ("--task", task), ("--recorded", recorded),
            ("--judge", judge), ("--report", report), ("--calibration", calibration),
        ):  # fmt: skip
            if given:
                raise InputError(f"--aggregation-test compares aggregators: leave {option} out")
        choose_aggregator(_setting(locals()), dry_run=dry_run, as_json=as_json)
        return
    if systems is None and data is not None and task is None and not published and not judge:
        from .evaluate import run
        from .setting import profile_path

        run(data, profile_path(profile), mode=mode, alpha=alpha, skip_bad=skip_bad, as_json=as_json)
        return
    from .side_by_side import compare_systems

    setting = _setting(locals())
    compare_systems(setting, reports=report or [], dry_run=dry_run, as_json=as_json)


def plan(
    data: Annotated[
        Path | None,
        typer.Argument(
            help="Questions with accepted answers; without it those of 'ensemble evaluate' without "
            "a file."
        ),
    ] = None,
    budget: Annotated[
        float | None, typer.Option(min=0, help="Most US dollars a question, on average.")
    ] = None,
    accuracy: Annotated[
        float | None, typer.Option(min=0, max=1, help="Least accuracy; the cheapest is taken.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(min=0, help="Most seconds a question, on average.")
    ] = None,
    systems: Systems = None,
    pool: PoolFile = None,
    profile: ProfileFolder = None,
    recorded: Recorded = False,
    task: TaskName = None,
    published: Published = False,
    judge: JudgeName = None,
    store: StoreFile = None,
    limit: Limit = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of every run.")] = 42,
    in_sample: InSample = False,
    skip_bad: SkipBad = False,
    as_json: AsJson = False,
) -> None:
    """Which graph to use within a budget, from recorded answers; nobody is asked."""
    from .side_by_side import make_plan

    # The limits of a plan are those of a question, not of this run.
    setting = _setting({**locals(), "budget": None})
    make_plan(setting, budget_usd=budget, accuracy=accuracy, seconds=seconds, as_json=as_json)


def _setting(given: Mapping[str, Any]) -> Setting:
    """What both commands work on.

    Raises:
        InputError: Options contradict each other.
    """
    from .bench import Setting
    from .setting import pool_path, profile_path

    if given["recorded"] and given["pool"] is not None:
        raise InputError("--recorded asks the answers of the file: leave --pool out")
    if given["recorded"] and given["task"] is not None:
        raise InputError("--task asks its rows anew: leave --recorded out")
    if given["judge"] is not None and given["task"] is None:
        raise InputError("--judge needs a --task that only a judge can grade, such as flask")
    if given["published"] and given["task"] is None:
        raise InputError("--published needs a --task, whose rule it is")
    own = {field.name: given[field.name] for field in fields(Setting) if field.name in given}
    pool = None if given["recorded"] else pool_path(given["pool"])
    if given["data"] is None and given["task"] is None and (given["recorded"] or pool):
        raise InputError("name the questions: a file with 'query' and 'answer' in each row")
    return Setting(**{**own, "pool": pool, "profile": profile_path(given["profile"])})
