"""Running and finished jobs, and the panel that shows them."""
