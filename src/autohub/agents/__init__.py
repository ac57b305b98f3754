"""What assistants that speak the Model Context Protocol may do: some of the calls, as tools."""
