"""One small program for each framework, as its own documentation has it: the whole of the table flights.

Each reads BENCHMARK_DATABASE, the path of a SQLite file that flights.py has made.
"""
