"""People from files and into files: CSV and JSON."""
