"""What people say about ideas: votes, follows, questions and answers."""
