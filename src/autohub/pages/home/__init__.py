"""What a person comes back to: explore, workspace, tasks, notifications, search, people and the
leaderboard."""
