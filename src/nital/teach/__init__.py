"""How neural networks work, from one neuron up: numpy alone, in code that fits on a screen.

    value       scalars that know their gradient; graph draws where they came from
    tensor      arrays that know their gradient
    layers      initialisers and layers
    training    losses, optimisers, early stopping
    neurons     McCulloch-Pitts, Perceptron, ADALINE
    mlp         the multilayer perceptron, with fit and predict
    lessons     the course: `nital learn`
    course      lists and runs the lessons, marks answers, writes notebooks
    exercises, pictures, samples    what lessons share

It stands alone: nothing else of nital is imported here, and no job imports it.
"""
