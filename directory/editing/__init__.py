"""What people change of the record by hand: kept beside what sources say, and where it could hurt agreed by two."""
