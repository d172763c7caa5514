"""What builds made: found by patterns, copied, hashed, listed, handed out and removed."""
