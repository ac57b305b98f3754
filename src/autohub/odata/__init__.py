"""OData v4: the hub's data as a feed for Power BI, Excel and other readers."""
