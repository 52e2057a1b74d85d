"""Names of tests that are alike in every process."""

import re


def named(value: object) -> str:
    """str(value) without addresses in memory, which each process has others of."""
    return re.sub(r" at 0x[0-9a-f]+", "", str(value))
