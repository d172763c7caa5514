"""The database: engines, units of work, leases and what other processes changed."""
