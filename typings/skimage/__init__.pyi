# Of scikit-image, which has no types of its own: the functions that nital calls, as nital calls them.
