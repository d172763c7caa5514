"""Who acts and what is kept secret."""
