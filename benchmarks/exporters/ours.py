"""negotiate_api: the table published in each of its formats, by the server of run.py: PORT [APP [WORKERS]]

The page of HTML has all rows, as no other export has pages.
"""

from __future__ import annotations

import os
import sys

from flask import Flask

from negotiate_api import DEFAULTS, Api
from negotiate_api.publish import publish
from negotiate_api.service import server
from representations import HTML


def create() -> Flask:
    """BENCHMARK_DATABASE is a path or a URL."""
    given = os.environ["BENCHMARK_DATABASE"]
    app = Flask("ours")
    formats = [HTML(page_size=None) if format_ is HTML else format_() for format_ in DEFAULTS]
    publish(Api(app, representations=formats), given if "://" in given else f"sqlite:///{given}", prefix="/")
    return app


def main(port: str, app: str = "benchmarks.exporters.ours:create()", workers: str = "1") -> None:
    """Serve an application as run.py does."""
    bound = server.bind("127.0.0.1", int(port))
    server.listen(bound)
    server.Server(app, workers=int(workers)).take_over(bound)


if __name__ == "__main__":
    main(*sys.argv[1:])
