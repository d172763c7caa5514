"""What starts builds by itself: schedules, new commits, the success of others."""
