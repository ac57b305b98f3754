"""Ideas: submission, the record, the pipeline, moves."""
