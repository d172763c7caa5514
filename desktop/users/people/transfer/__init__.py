"""People from files and into files: the import wizard and the export dialog."""
