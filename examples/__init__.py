"""Programs to copy. From the root of the repository: .venv/bin/python -m examples.todo (see docs/examples.md)."""
