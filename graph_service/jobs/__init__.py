"""Work that outlasts a request: kept as records, leased to one worker at a time."""
