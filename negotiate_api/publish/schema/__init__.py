"""What a database has: tables with their columns, keys and kinds of values, and what settings change of them."""
