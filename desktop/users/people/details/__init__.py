"""The person who is chosen, beside the list."""
