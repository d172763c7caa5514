"""Figures that went too far: told once, kept until they are back."""
