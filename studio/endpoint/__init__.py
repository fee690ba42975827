"""The endpoints for programs: OpenAI's protocols and the Model Context Protocol."""
