"""The automation profile: the page of one idea, with a tab for each thing that is kept of it."""
