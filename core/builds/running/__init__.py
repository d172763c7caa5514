"""Running builds: the queue, their supervisors, and taking in what these leave."""
