hidden = 100 * (128 * 128 + 1)
adam_gib = 2048**2 * 512 * 4 * 4 / 2**30


def count_conv(channels_in: int, channels_out: int, kernel: int) -> int:
    return channels_out * (channels_in * kernel * kernel + 1)
