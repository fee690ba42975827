"""The servers of the graphs: chat page, OpenAI-compatible endpoint, LangGraph Studio."""
