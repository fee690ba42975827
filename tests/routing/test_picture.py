"""The picture: one file, nothing fetched, every text escaped."""

import re
from importlib.util import find_spec

import pytest
from langgraph_ensemble.errors import InputError
from langgraph_ensemble.profiles import Profile
from langgraph_ensemble.routing.picture import to_html
from langgraph_ensemble.routing.picture_png import to_png

EVIL = "<script>alert(1)</script> \"quoted\" & 'more' \x00 \ud800 </svg>"


def test_one_page_that_loads_nothing_and_trusts_no_text(tmp_path) -> None:
    rows = [
        {"query": f"{EVIL} {word} {i}", "scores": {"<b>bold</b>": 1.0, "plain": float(i % 2)}}
        for i, word in enumerate(["sum", "poem"] * 20)
    ]
    queries = [row["query"] for row in rows]
    page = to_html(Profile.fit(rows), tmp_path / "map.html", queries).read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<b>bold" not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r"""(?:src|href)\s*=|url\(|@import|https?://""", page)
    assert page.count('class="q"') == 40
    assert page.count("<svg") == page.count("</svg>") == 1


def test_a_profile_without_questions_and_with_one_cluster(tmp_path) -> None:
    rows = [{"query": "one", "scores": {"a": 1.0}}]
    page = to_html(Profile.fit(rows), tmp_path / "map.html").read_text(encoding="utf-8")
    assert "What each member achieves" in page


def test_a_place_does_not_depend_on_its_company() -> None:
    rows = [{"query": f"word{i % 5} {i}", "scores": {"a": 1.0}} for i in range(40)]
    profile = Profile.fit(rows, clusters=8)
    vectors = profile.embed(["word1 1", "word2 2"])
    assert profile.position(vectors[0]) == tuple(profile.positions(vectors)[0].tolist())


def test_a_png_or_what_to_install(tmp_path) -> None:
    rows = [{"query": f"word{i % 5} {i}", "scores": {"a": 1.0, "b": 0.0}} for i in range(20)]
    profile = Profile.fit(rows, clusters=4)
    if find_spec("matplotlib") is None:
        with pytest.raises(InputError, match=r"langgraph-ensemble\[pictures\]"):
            to_png(profile, tmp_path / "map.png")
        return
    path = to_png(profile, tmp_path / "map.png", [row["query"] for row in rows])
    assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
