"""What is asked of the core about builds that needs words first: run with…, a note."""
