"""The resources of apps.py with FastAPI, at its fastest; `make bench` installs it.

The views are coroutines, as functions would wait for a thread, and have no response model.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from .people import ITEM, PAGES

application = FastAPI()


@application.get("/people/{number}")
async def person(number: int) -> Any:
    return ITEM


@application.get("/pages/{size}")
async def page(size: int) -> Any:
    return PAGES[size]
