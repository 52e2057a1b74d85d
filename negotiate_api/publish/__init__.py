"""Any SQL table as resources: read, filtered, sorted, paged, searched and written, in every format.

    publish(api, "sqlite:///shop.db")

answers at /data/, at /data/orders and at /data/orders/7. The parts are there one by one: `Query` makes a SELECT of
query parameters, `rows.rows` makes Rows of a SELECT.
"""

from . import rows
from .errors import Unusable
from .publication import Publication
from .publishing import publish
from .queries.parameters import BadParameter
from .queries.query import Query
from .schema.tables import Column, Reference, Table, Tables

__all__ = [
    "BadParameter",
    "Column",
    "Publication",
    "Query",
    "Reference",
    "Table",
    "Tables",
    "Unusable",
    "publish",
    "rows",
]
