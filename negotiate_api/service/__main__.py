"""What the command negotiate-api runs, and python -m negotiate_api.service."""

from __future__ import annotations

import sys


def main() -> None:
    """Start the service; say what to install where the library alone is there."""
    try:
        from .cli import main as command  # noqa: PLC0415 - it imports all that may be missing
    except ModuleNotFoundError as error:
        sys.exit(f"The service needs {error.name}: pip install 'negotiate_api[service]'")
    command()


if __name__ == "__main__":
    main()
