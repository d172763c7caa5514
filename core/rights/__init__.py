"""Rights: roles in single projects, and the review of who may do what."""
