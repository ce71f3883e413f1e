"""Data that lectures on neural networks look at, with their recipes: Ising structures and FashionMNIST.

The classifier of micrographs does without; `nital.tasks.classes.task` puts both together.
"""
