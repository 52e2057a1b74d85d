"""Start the service; .venv/bin/python run.py --help tells how, once `make run` has made .venv."""

import sys
from pathlib import Path

PYTHON = Path(__file__).with_name(".venv") / "bin" / "python"

try:
    from negotiate_api.service.cli import main
except ModuleNotFoundError as error:
    another = PYTHON.exists() and Path(sys.executable).parent != PYTHON.parent
    way = f"`{PYTHON} {__file__}` has it" if another else "`make run` installs what is needed, and starts"
    sys.exit(f"Error: the package {error.name!r} is missing; {way}.")

if __name__ == "__main__":
    main()
