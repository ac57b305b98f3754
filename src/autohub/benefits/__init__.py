"""What an automation costs and brings: project plan, cost-benefit analysis, actual runs."""
