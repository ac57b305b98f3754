"""Who works on an idea, in which role, and what they may edit there."""
