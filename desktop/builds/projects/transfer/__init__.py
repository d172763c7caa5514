"""Projects into files and from them, with a look at what a file holds before it is taken."""
