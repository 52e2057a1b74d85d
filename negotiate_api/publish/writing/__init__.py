"""What a request writes: rows of its body, what they change, and the refusals, told by line and column."""
