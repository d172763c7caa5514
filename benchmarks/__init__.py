"""What the product promises about speed, measured by ``make bench [ONLY=name]``."""
