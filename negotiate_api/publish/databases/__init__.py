"""Connections to databases: how they are prepared, who may write when, and the version of what is read."""
