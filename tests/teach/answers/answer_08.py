import math

largest_rate = 2 / 12
steps = math.ceil(math.log(0.04 / 4) / math.log(1 - 0.03))
