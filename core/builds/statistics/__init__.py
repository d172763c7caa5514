"""What builds tell in figures: how many, how long, how often they fail, and how two differ."""
