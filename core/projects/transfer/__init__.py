"""Projects as files: to other workspaces, and from them."""
