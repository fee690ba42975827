"""Drafts and routing through the OpenAI endpoint.

ensemble serve --port 8000
python examples/openai_client.py http://127.0.0.1:8000
"""

from __future__ import annotations

import sys

from openai import OpenAI


def main(url: str) -> None:
    """Stream an answer, then print the drafts' members and times."""
    client = OpenAI(base_url=f"{url}/v1", api_key="none")
    stream = client.chat.completions.create(
        model="moa-lite",
        messages=[{"role": "user", "content": "What is the capital of France?"}],
        stream=True,
    )
    for chunk in stream:
        for choice in chunk.choices:
            print(choice.delta.content or "", end="", flush=True)
        account = (chunk.model_extra or {}).get("ensemble")
        if account:
            print()
            for draft in account["drafts"]:
                print(f"  {draft['member']:12} {draft['status']:8} {draft['latency_ms']:.0f} ms")


if __name__ == "__main__":
    main(sys.argv[1])
