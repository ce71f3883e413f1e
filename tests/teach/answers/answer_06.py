bound = 0.25**12
relu_xavier = 2**-5
