and_neuron = (1, 1, -1.5)
distance = 2.0
bias = -5
