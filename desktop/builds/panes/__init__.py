"""What is shown of the chosen build, a page each."""
