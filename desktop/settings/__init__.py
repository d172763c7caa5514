"""The window in which the settings of this machine are changed."""
