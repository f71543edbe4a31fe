"""Where people live and where harm happened: postcodes, towns and councils turned into a `Place`."""
