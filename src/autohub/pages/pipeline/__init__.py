"""Lists of ideas for people: the pipeline as a table, a board and a decision chart, and what one
does from there."""
