"""respond: from warnings to a proposal, from a level to what it needs, and the arithmetic of 平战. Pure."""
