"""How neural networks work, from one neuron up: numpy alone, in code that fits on a screen.

value       scalars that know their gradient
tensor      arrays that know their gradient
layers      layers, losses, initialisers, optimisers
neurons     McCulloch-Pitts, Perceptron, ADALINE
lessons     the course: `nital learn`
course      lists and runs the lessons, marks answers, writes notebooks
exercises, pictures, samples    what lessons share
"""
