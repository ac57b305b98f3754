"""Dashboards: what is in the pipeline, what it brought, how long it takes, who takes part, and
what it costs."""
