"""Bringing other people's lists of services into the record, and keeping count of every row."""
