"""Make the list of common passwords, data/common_passwords.txt.gz: one a line, sorted, in lower case.

    pip install zxcvbn==4.4.28
    python data/build_passwords.py

They are the 10,000 that zxcvbn (MIT) ranks first. The same package gives the same list.
"""

import gzip
from pathlib import Path

from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]

MOST = 10_000

FILE = Path(__file__).parent / "common_passwords.txt.gz"


def main() -> None:
    """Write the list."""
    lines = "".join(f"{password}\n" for password in sorted(FREQUENCY_LISTS["passwords"][:MOST]))
    FILE.write_bytes(gzip.compress(lines.encode("ascii"), compresslevel=9, mtime=0))


if __name__ == "__main__":
    main()
