"""The record of services, the index over it, and the matching made from it."""
