"""Waiting for one another within a process: locks, semaphores, a limiter, and their figures."""
