"""The table of ratios, of one run: make bench. It fails where a target is missed."""

import sys

from . import accept, marshalling, peers, requests, served
from .table import HEAD, row, show


def show_marshalling() -> int:
    """Measures and prints; how many targets were missed."""
    dicts = [marshalling.person(number) for number in range(1000)]
    kinds = {"dicts": dicts, "objects": [marshalling.as_object(record) for record in dicts]}
    return sum(
        row(f"marshal, 1,000 {kind} / Flask-RESTful", marshalling.measured(data, marshalling.PLAIN), target=8)
        for kind, data in kinds.items()
    )


if __name__ == "__main__":
    print(HEAD)
    missed = show([*requests.cases(), *peers.cases(), *accept.cases()]) + show_marshalling() + served.show()
    sys.exit(missed > 0)
