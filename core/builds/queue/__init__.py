"""The queue: what a build is when it is queued, which one is next, and the order of waiting."""
