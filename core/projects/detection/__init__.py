"""What a folder tells about the project in it."""
