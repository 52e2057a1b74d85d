"""A pool of connections that holds one between two reads: to check one out takes longer than SQLite takes for a row.

It is the same to who listens to checkouts, and closed with the pool.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import PoolProxiedConnection, QueuePool, exc


class SparePool(QueuePool):
    """A QueuePool, which gives its spare connection to who reads without a transaction."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._spare: list[PoolProxiedConnection] = []

    def take(self) -> PoolProxiedConnection:
        """A connection that is given back, or closed. Raises what connect() does."""
        try:
            spare: Any = self._spare.pop()
        except IndexError:
            return self.connect()
        try:
            self.dispatch.checkout(spare.dbapi_connection, spare, spare)
        except exc.DisconnectionError:
            spare.close()
            return self.connect()
        return spare  # type: ignore[no-any-return]

    def give_back(self, connection: PoolProxiedConnection) -> None:
        """Hold a connection on which nothing is left to do."""
        if self._spare:
            connection.close()
            return
        if not connection.is_detached:
            connection.detach()
        self._spare.append(connection)

    def dispose(self) -> None:
        while self._spare:
            self._spare.pop().close()
        super().dispose()
