"""The protocol of honest agents, one module per role."""
