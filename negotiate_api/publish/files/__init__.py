"""Files as tables: CSV, TSV, NDJSON, JSON, YAML and XML into a database, with kinds that all their values have.

load() is all there is to it; what it decided, Loaded.report() tells.
"""

from . import progress
from .detecting import name_of
from .ledger import NAMES, edited, loaded
from .loading import current, load
from .problems import Problem, Unloadable
from .report import Loaded, LoadedColumn
from .spellings import NAMED as KINDS

__all__ = [
    "KINDS",
    "NAMES",
    "Loaded",
    "LoadedColumn",
    "Problem",
    "Unloadable",
    "current",
    "edited",
    "load",
    "loaded",
    "name_of",
    "progress",
]
