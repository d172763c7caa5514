"""What every role on a terminal needs: asking, signing in, and saying what came out."""
