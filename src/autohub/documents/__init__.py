"""Documents and media of ideas: files in the blob storage, and links."""
