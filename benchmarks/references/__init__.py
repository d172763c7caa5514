"""What each figure is held against: bare scripts that use none of the application's code."""
