"""What goes with a project that is deleted, and the files of it."""
