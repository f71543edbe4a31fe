"""The steps by which a record of an older version becomes one of this version; packaged, run by `migrate`."""
