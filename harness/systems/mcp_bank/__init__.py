"""`mcp_bank`: a server and clients of the MCP SDK, and a double spend between its check and its act."""
