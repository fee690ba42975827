"""`/openapi.json` of the application alone; `test_server.py` looks at the LangGraph server's."""

from __future__ import annotations

from typing import Any

from langgraph_ensemble.presets import PRESETS
from langgraph_ensemble.studio.app import create_app
from serving import get
from starlette.routing import Route
from starlette.schemas import SchemaGenerator


def check(paths: dict[str, Any]) -> None:
    chat = paths["/v1/chat/completions"]["post"]
    body = chat["requestBody"]["content"]["application/json"]["schema"]
    assert {"model", "messages"} <= set(body["required"])
    assert body["properties"]["model"]["enum"] == [each.name for each in PRESETS]
    assert body["properties"]["tools"]["items"]["properties"]["function"]["properties"]["name"]
    assert "$ref" not in str(paths["/v1/responses"])
    assert set(paths["/v1/responses/{id}"]) == {"get", "delete"}
    assert paths["/v1/models/{name}"]["get"]["parameters"][0]["name"] == "name"
    assert paths["/health"]["get"]["responses"]["200"]


def test_every_route_is_documented(server: str):
    document = get(f"{server}/openapi.json")
    assert document["openapi"].startswith("3.1")
    check(document["paths"])
    plain = SchemaGenerator({})
    known = {
        plain._remove_converter(route.path)
        for route in create_app().routes
        if isinstance(route, Route) and route.include_in_schema and route.path != "/"
    }
    assert known == set(document["paths"])
    for path, operations in document["paths"].items():
        assert all(each["summary"] for each in operations.values()), path
