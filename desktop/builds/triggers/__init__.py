"""What starts builds of a project by itself: shown, added, changed, removed."""
