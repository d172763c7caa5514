"""What is shown while no workspace is open."""
