"""Field types: how a kind of value is checked, stored, shown and edited."""
