"""Projects: what is built, where, with which command and variables."""
