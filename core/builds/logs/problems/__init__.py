"""What compilers, linters and test runners complain of, read out of logs."""
