import math

nand_weights = (-1, -1, 1.5)
stuck_loss = math.log(2)
