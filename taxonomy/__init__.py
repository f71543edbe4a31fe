"""The vocabulary of somebody harmed by a child in Scotland; knows nothing else of ours."""
