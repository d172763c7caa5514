"""What goes on at once in a database: connections, transactions, locks, limits, leases."""
