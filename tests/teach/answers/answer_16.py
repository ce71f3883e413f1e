first_conv = 6 * 25 + 6
maps = 5
