"""The pages: search, match, plan and service, for staff and for people who were harmed."""
