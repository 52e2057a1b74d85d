"""FastAPI: /flights is rows of Python's sqlite3 as dicts, written by orjson, /models is as its documentation has it.

That is with objects of SQLAlchemy and a response model of Pydantic.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Annotated, Any

import orjson
from fastapi import Depends, FastAPI, Response
from pydantic import ConfigDict, create_model
from sqlalchemy import MetaData, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Session

from benchmarks.flights import COLUMNS, TEXT

PATH = os.environ["BENCHMARK_DATABASE"]

application = FastAPI()
engine = create_engine(f"sqlite:///{PATH}")
metadata = MetaData()
metadata.reflect(engine)


class Base(DeclarativeBase):
    metadata = metadata


class Flight(Base):
    __table__ = metadata.tables["flights"]


Kinds: Any = {name: (str | None if name in TEXT else int | None, None) for name in COLUMNS}
FlightModel = create_model("FlightModel", __config__=ConfigDict(from_attributes=True), **Kinds)


def session() -> Iterator[Session]:
    with Session(engine) as opened:
        yield opened


@application.get("/flights")
def flights() -> Response:
    with closing(sqlite3.connect(PATH)) as connection:
        connection.row_factory = sqlite3.Row
        rows = [dict(row) for row in connection.execute("SELECT * FROM flights")]
    return Response(orjson.dumps(rows), media_type="application/json")


@application.get("/models", response_model=list[FlightModel])
def models(opened: Annotated[Session, Depends(session)]) -> Any:
    return opened.scalars(select(Flight)).all()
