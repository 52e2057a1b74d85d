"""Start the service; python run.py --help tells how."""

import sys

try:
    from negotiate_api.service.cli import main
except ModuleNotFoundError as error:
    sys.exit(f"Error: the package {error.name!r} is missing; `make run` installs what is needed, and starts.")

if __name__ == "__main__":
    main()
