"""How a person comes into a workspace, what they can do about it, and how it is locked."""
