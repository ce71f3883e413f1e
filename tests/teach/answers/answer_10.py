def dropout(x, p, rng):
    return x * (rng.random(x.shape) >= p) / (1 - p)


def kept_epoch(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        elif epoch - best > patience:
            break
    return best
