"""The team at work, in front ends that show LangGraph's UI messages, such as agent-chat-ui."""
