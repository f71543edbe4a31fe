"""Finding services: one seam (`index.SearchIndex`) and the engines behind it."""
