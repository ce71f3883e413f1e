nand_weights = (-1, -1, 1.5)
parameters = 16 * 3 + 17
