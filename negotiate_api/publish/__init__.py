"""Any SQL table as resources: read, filtered, sorted, paged, searched and written, in every format.

    publish(api, "sqlite:///shop.db")

answers at /data/, /data/orders and /data/orders/7. The parts are there one by one: reflect() gives the tables of a
database, Query.parse() what a request asks of one, rows_of() the Rows of that, or of any SELECT.
"""

from .asked import rows_of
from .errors import Unusable
from .kept import Kept
from .publication import Publication
from .publishing import publish
from .queries.parameters import BadParameter
from .queries.query import Query
from .schema.reflection import reflect
from .schema.tables import Column, Reference, Table, Tables

__all__ = [
    "BadParameter",
    "Column",
    "Kept",
    "Publication",
    "Query",
    "Reference",
    "Table",
    "Tables",
    "Unusable",
    "publish",
    "reflect",
    "rows_of",
]
