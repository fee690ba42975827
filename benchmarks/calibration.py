"""Memory and disk that a calibration uses as the data grows: they should stay flat.

Run `python benchmarks/calibration.py` (sizes with `--questions 1000 3000 10000`). Ten members
that answer immediately stand for models, so the time is our own; every size runs in a process of
its own, with a checkpoint after every step. Memory is the peak of the whole process; *beyond the
data* subtracts the peak of a process that fits the same records in one go (the questions, their
vectors and scores, scikit-learn).
"""

import argparse
import asyncio
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

MEMBERS, SAMPLES, KINDS = 10, 3, ("algebra", "history", "code", "poems", "law")


def rows(count: int) -> list[dict]:
    """Questions of five kinds, each with its answer."""
    return [
        {
            "query": f"A question of {KINDS[i % 5]}, number {i}: what is {i} plus 1?",
            "answer": f"{i}",
        }
        for i in range(count)
    ]


def answer(number: int):
    """A member that answers immediately and is right on two kinds of five."""
    from langchain_core.messages import AIMessage
    from langchain_core.runnables import RunnableLambda

    async def reply(messages: list) -> AIMessage:
        place = int(messages[-1].content.split("number ")[1].split(":")[0])
        right = place % 5 in (number % 5, (number + 1) % 5)
        usage = {"input_tokens": 20, "output_tokens": 5, "total_tokens": 25}
        return AIMessage(f"Answer: {place if right else -1}", usage_metadata=usage)

    def never(messages: list) -> AIMessage:
        raise NotImplementedError

    return RunnableLambda(never, afunc=reply)


async def calibrate(count: int, folder: Path) -> dict:
    """Run one calibration with checkpoints and return its calls and seconds."""
    from langchain_core.runnables import RunnableConfig
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
    from langgraph_ensemble import Member, create_calibration

    team = [
        Member(name=f"m{i}", provider="langchain", model=answer(i), native_n=False)
        for i in range(MEMBERS)
    ]
    fit = {"clusters": 14, "fitting": {"families": 5, "kappa": 400.0, "views": 3}}
    graph = create_calibration(team, data=rows(count), out=folder, samples=SAMPLES, **fit)
    start = time.perf_counter()
    async with AsyncSqliteSaver.from_conn_string(str(folder / "checkpoints.sqlite")) as saver:
        compiled = graph.compile(checkpointer=saver)
        where: RunnableConfig = {"configurable": {"thread_id": "t"}}
        state = await compiled.ainvoke({"data": None}, where)
    return {"calls": state["result"]["calls"], "seconds": time.perf_counter() - start}


def fit(count: int) -> dict:
    """Fit the same records in one go, to measure what the data themselves need."""
    from langgraph_ensemble import Profile

    records = [
        {"query": r["query"], "scores": {f"m{m}": float((i + m) % 5 < 2) for m in range(MEMBERS)}}
        for i, r in enumerate(rows(count))
    ]
    Profile.fit(records, clusters=14, families=5, kappa=400.0, views=3)
    return {}


def checkpoints(file: Path) -> float:
    """Size of all checkpoints and their writes in kilobytes."""
    with closing(sqlite3.connect(file)) as db, db:
        kept = db.execute("select total(length(checkpoint)) from checkpoints").fetchone()[0]
        written = db.execute("select total(length(value)) from writes").fetchone()[0]
    db.close()
    return (kept + written) / 1e3


def child(what: str, count: int) -> dict:
    """Measure in a process of its own."""
    command = [sys.executable, __file__, "--child", what, "--questions", str(count)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure(what: str, count: int) -> dict:
    """Measure in this process; `child` starts it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if what == "fit":
            measured = fit(count)
        else:
            measured = asyncio.run(calibrate(count, folder))
            measured["checkpoints_kb"] = checkpoints(folder / "checkpoints.sqlite")
            measured["ledger_mb"] = (folder / "calibration.sqlite").stat().st_size / 1e6
    # Linux counts kilobytes.
    return {**measured, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", nargs="*", type=int, default=[1000, 3000, 10_000])
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measure(options.child, options.questions[0])))
        return
    print(f"calibration of {MEMBERS} members, {SAMPLES} samples: what grows with the questions")
    heads = (
        "questions",
        "calls",
        "time s",
        "peak MB",
        "beyond data",
        "checkpoints kB",
        "ledger MB",
    )
    print("".join(f"{h:>16s}" for h in heads))
    for count in options.questions:
        run, plain = child("run", count), child("fit", count)
        cells = (
            *(f"{count}", f"{run['calls']}", f"{run['seconds']:.0f}", f"{run['peak_mb']:.0f}"),
            f"{run['peak_mb'] - plain['peak_mb']:.0f}",
            *(f"{run['checkpoints_kb']:.0f}", f"{run['ledger_mb']:.1f}"),
        )
        print("".join(f"{c:>16s}" for c in cells), flush=True)


if __name__ == "__main__":
    main()
