"""Which line of an upload first had some values: of a key, or of other columns that are unique or refer to a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from representations.csv import Uneven

from .incoming import Entry, Incoming
from .seen import Seen, token


class Records(Protocol):
    """What of an Upload is needed: its records, as often as they are asked for, with the line of each."""

    @property
    def tabular(self) -> bool: ...
    def records(self, uneven: Uneven | None = None) -> Iterator[tuple[int, dict[str, Any]]]: ...


class Lines:
    """Those of an upload. It is read once more for the columns that are first asked for."""

    def __init__(self, incoming: Incoming, upload: Records) -> None:
        self.incoming, self.upload = incoming, upload
        self._seen: dict[tuple[str, ...], Seen] = {}

    def first(self, names: Sequence[str], values: Sequence[Any]) -> int | None:
        """The line on which these columns first had these values."""
        return self.of(tuple(names)).line(token(values))

    def of(self, names: tuple[str, ...]) -> Seen:
        """The first lines of all values that these columns have, in rows that cannot be stored too."""
        if names not in self._seen:
            seen = self._seen[names] = Seen()

            def note(line: int, record: Mapping[str, Any], _: object = None) -> None:
                values = self.incoming.values_of(names, record)
                if values is not None:
                    seen.add(token(values), line)

            for entry in self.incoming.entries(self.upload.records(_pass_over), note):
                named = entry.named()
                values = [named.get(name) for name in names]
                if None not in values:
                    seen.add(token(values), entry.line)
        return self._seen[names]

    def add(self, entry: Entry) -> int:
        """The line that the key of an entry was first on, of those that were added."""
        key = entry.token
        if key is None:
            return entry.line
        names = entry.shape.table.key
        if names not in self._seen:
            self._seen[names] = Seen()
        return self._seen[names].add(key, entry.line)

    def close(self) -> None:
        """Remove what is kept in files."""
        for seen in self._seen.values():
            seen.close()


def _pass_over(*_: object) -> None:
    """Tell nobody."""
