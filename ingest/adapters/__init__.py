"""One small file a source: each reads that source's rows and yields drafts and issues."""
