"""Many language models, one better answer, as LangGraph graphs."""
