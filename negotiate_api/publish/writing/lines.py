"""Which line of an upload first had some values: of a key, or of other columns that are unique or refer to a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from representations.csv_records import Uneven
from representations.slices import Slice

from .incoming import Batch, Entry, Incoming
from .seen import Seen, Token, token, tokens


class Records(Protocol):
    """What of an Upload is needed: its records, as often as they are asked for."""

    @property
    def tabular(self) -> bool: ...
    def slices(self, uneven: Uneven | None = None) -> Iterator[Slice]: ...


class Lines:
    """Those of an upload. It is read once more for the columns that are first asked for."""

    def __init__(self, incoming: Incoming, upload: Records) -> None:
        self.incoming, self.upload = incoming, upload
        self._seen: dict[tuple[str, ...], Seen] = {}
        self._once = set[tuple[str, ...]]()  # all values of these are known, and each is on one line

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

            for found in self.incoming.batches(self.upload.slices(_pass_over), note):
                if isinstance(found, Batch) and (many := found.values(names)):
                    seen.add_all(tokens(many), found.given.lines)
                    continue
                for entry in found.entries() if isinstance(found, Batch) else found:
                    named = entry.named()
                    values = [named.get(name) for name in names]
                    if None not in values:
                        seen.add(token(values), entry.line)
            if not seen.repeated:
                self._once.add(names)
        return self._seen[names]

    def are_first(self, names: tuple[str, ...], keys: Sequence[Token], lines: Sequence[int]) -> list[bool]:
        """Of keys, which are added, whether each is on its line first."""
        if names not in self._seen:
            self._seen[names] = Seen()
        seen = self._seen[names]
        if names in self._once or seen.add_all(keys, lines):
            return [True] * len(keys)
        return [seen.line(key) == line for key, line in zip(keys, lines, strict=True)]

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
