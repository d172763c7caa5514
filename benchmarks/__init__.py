"""What the product promises about speed, measured: ``make bench`` or ``make bench ONLY=name``."""
