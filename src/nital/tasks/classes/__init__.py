"""Which microstructure is this, and what did the network look at."""
