"""What a request asks of a table: filters, order, page, groups, expansion; parsed from its query, made one SELECT."""
