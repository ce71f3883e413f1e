"""The jobs. A folder here with a module `task` that defines `TASK` is a job; nothing else lists it."""
