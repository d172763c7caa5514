"""The window: views and presenters over the core, which lives on a thread of its own."""
