"""Symbolic-MoE against a real provider: keywords recruit experts, one aggregator answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from helpers import ask, member, profile, prompt, question, thread
from langgraph.checkpoint.memory import InMemorySaver
from langgraph_ensemble import InputError, NoUsableDraftError, Pool, Skills, create_symbolic_moe
from langgraph_ensemble.graphs.symbolic_moe import PRESETS
from langgraph_ensemble.nodes.keywords import agreed_keywords, tagged
from langgraph_ensemble.presets import preset
from langgraph_ensemble.testing import Model, bank, says

NAMES = ("ann", "ben", "cat")
GOOD = {"ann": "algebra", "ben": "history", "cat": "grammar"}
RECORDS = [
    {
        "query": q.text,
        "scores": {name: float(q.domain == good) for name, good in GOOD.items()},
        "keywords": [q.domain, "knowledge"],
    }
    for q in bank()[:120]
    if q.domain in GOOD.values()
]
SKILLS = Skills.fit(RECORDS)
# github.com/dinobby/Symbolic-MoE and arXiv 2503.05641.
PUBLISHED = {
    "experts": 3,
    "tags": 5,
    "recruit_temperature": 0.5,
    "temperature": 0.7,
    "max_tokens": 4096,
}


def team(provider) -> Pool:
    provider.set(*(Model(n, skill={good: 1.0}, default_skill=0.0) for n, good in GOOD.items()))
    provider.set(Model("dan"))
    return Pool([member(provider, n) for n in NAMES], aggregator=member(provider, "dan"))


async def test_the_published_numbers_reach_the_models(provider) -> None:
    assert preset("symbolic-moe").source == "arXiv 2503.05641"
    graph = create_symbolic_moe(team(provider), SKILLS, **PRESETS["symbolic-moe"])
    own: Any = graph.context_schema
    own = own()
    assert {name: getattr(own, name) for name in PUBLISHED} == PUBLISHED
    result = (await graph.compile().ainvoke(ask(question("history").text)))["result"]
    tag, *drawn, last = provider.log()
    assert (tag["model"], tag["n"]) == ("dan", PUBLISHED["tags"])
    assert sum(entry["n"] for entry in drawn) == PUBLISHED["experts"]
    assert {entry["max_tokens"] for entry in [*drawn, last]} == {PUBLISHED["max_tokens"]}
    assert {entry["temperature"] for entry in provider.log()} == {PUBLISHED["temperature"]}
    assert last["model"] == "dan"
    assert result["strategy"] == "symbolic_moe"
    assert result["calls"] == provider.calls()


async def test_keywords_recruit_who_proved_the_skill(provider) -> None:
    graph = create_symbolic_moe(team(provider), SKILLS).compile()
    for domain, name in (("history", "ben"), ("algebra", "ann")):
        provider.reset()
        result = (await graph.ainvoke(ask(question(domain).text)))["result"]
        assert domain in result["keywords"]
        assert {draft["member"] for draft in result["drafts"]} == {name}
        assert len(result["drafts"]) == 3, "one expert may be recruited three times"
        assert [(e["model"], e["n"]) for e in provider.log()] == [
            ("dan", 5), (name, 3), ("dan", 1)
        ]  # fmt: skip
    again = (await graph.ainvoke(ask(question("algebra").text)))["result"]
    assert again["routing"] == result["routing"], "the draw depends on the seed alone"


def test_skills_are_points_of_plus_and_minus_one() -> None:
    asked = [q for q in bank()[:120] if q.domain == "algebra"]
    row = SKILLS.points[SKILLS.keywords.index("algebra")]
    assert dict(zip(SKILLS.members, row, strict=True)) == {
        "ann": len(asked), "ben": -len(asked), "cat": -len(asked)
    }  # fmt: skip
    chances = SKILLS.chances(["algebra"], ["ann", "ben", "cat"])
    assert sum(chances) == pytest.approx(1)
    assert chances[0] > 0.9
    assert SKILLS.chances([], ["ann", "ben"], 100.0)[1] == pytest.approx(0.5, abs=0.01)
    assert Skills.unknown(["a", "b"]).chances([], ["a", "b"]) == [0.5, 0.5]
    with pytest.raises(InputError, match=r"record 1 has no 'keywords': have a member write them"):
        Skills.fit([{"query": "q", "scores": {"a": 1.0}}])


async def test_skills_survive_a_file_and_a_damaged_one_is_refused(tmp_path) -> None:
    SKILLS.save(tmp_path / "plain")
    again = Skills.load(tmp_path / "plain")
    assert (again.members, again.keywords) == (SKILLS.members, SKILLS.keywords)
    assert (again.points == SKILLS.points).all()
    Skills.fit(RECORDS[:20], embedder="lexical").save(tmp_path / "near")
    near = Skills.load(tmp_path / "near")
    assert near.embedder is not None
    assert await near.known(["algebra"]) == ["algebra"]
    profile(ann=["algebra"]).save(tmp_path / "map")
    with pytest.raises(InputError, match="holds no skills"):
        Skills.load(tmp_path / "map")
    replace(SKILLS, points=SKILLS.points[:, :1]).save(tmp_path / "short")
    with pytest.raises(InputError, match="damaged"):
        Skills.load(tmp_path / "short")


async def test_an_unknown_keyword_is_the_nearest_known_one_or_none() -> None:
    assert await SKILLS.known(["Algebra ", "grammars", "zzz"]) == ["algebra", "grammar"]

    class Near:
        """Every new word is nearest to the second known one."""

        async def aembed(self, texts):
            return np.array([[0.0, 1.0]] * len(texts))

    rows = [{"query": w, "scores": {"a": 1.0}, "keywords": [w]} for w in ("x", "y")]
    skills = replace(Skills.fit(rows), embedder=Near(), vectors=np.eye(2))
    assert await skills.known(["something else"]) == ["y"]
    assert agreed_keywords(["nonsense", '{"keywords": "algebra, ' + "x" * 30 + '"}']) == ["algebra"]
    assert agreed_keywords(['{"keywords": ["a1"]}', '{"keywords": ["b1"]}']) == []


async def test_a_profile_stands_for_the_words_of_its_clusters(provider) -> None:
    task_map = profile(ann=["algebra"], ben=["history"], cat=["grammar"])
    skills = Skills.of(task_map)
    assert skills.members == task_map.members
    assert skills.keywords
    result = (
        await create_symbolic_moe(team(provider), task_map)
        .compile()
        .ainvoke(ask(question("algebra").text))
    )["result"]
    assert result["answer"]


async def test_dead_experts_are_replaced_by_an_edge_and_a_dead_tagger_is_told(provider) -> None:
    pool = team(provider)
    provider.set(Model("ben", fault="dead"))
    graph = create_symbolic_moe(pool, SKILLS).compile()
    result = (await graph.ainvoke(ask(question("history").text)))["result"]
    ok = {draft["member"] for draft in result["drafts"] if draft["status"] == "ok"}
    assert ok
    assert "ben" not in ok
    assert all("on fire" not in prompt(entry) for entry in provider.log())
    provider.set(Model("dan", fault="dead"))
    result = (await graph.ainvoke(ask(question("algebra").text)))["result"]
    assert "keywords by dan" in result["fell_back"][0]
    assert "recruited by strength alone" in result["fell_back"][0]
    assert "aggregator dan" in result["fell_back"][1]
    provider.set(*(Model(n, fault="dead") for n in NAMES))
    with pytest.raises(NoUsableDraftError, match="on fire"):
        await graph.ainvoke(ask(question("algebra").text))


async def test_a_budget_and_an_interrupt_hold(provider) -> None:
    graph = create_symbolic_moe(team(provider), SKILLS)
    saved = graph.compile(checkpointer=InMemorySaver(), interrupt_before=["aggregate"])
    await saved.ainvoke(ask(question("algebra").text), thread("t"))
    calls = provider.calls()
    state = await saved.ainvoke(None, thread("t"))
    assert provider.calls() == calls + 1 == state["result"]["calls"]
    provider.reset()
    result = (
        await graph.compile().ainvoke(ask(question("algebra").text), context={"max_calls": 3})
    )["result"]
    assert provider.calls() == result["calls"] == 3


async def test_records_are_tagged_by_a_member(provider) -> None:
    provider.set(Model("dan"))
    bare = [{key: row[key] for key in ("query", "scores")} for row in RECORDS[:3]]
    done = await tagged(bare, member(provider, "dan"))
    assert [row["keywords"][0] for row in done] == [row["keywords"][0] for row in RECORDS[:3]]
    assert await tagged(bare, says("eva", "I would not know.")) == []
