"""Answers to the exercises of notebook 2: right ones beside the notebook's own, and usual mistakes."""

ANSWERS = {
    "salt_and_pepper": {
        "right": [
            """
def my_salt_and_pepper(images, amount, rng):
    noisy = images.copy()
    draw = rng.random(images.shape[:3])
    noisy[draw < amount] = 0
    noisy[draw < amount / 2] = 1
    return noisy
""",
            """
def my_salt_and_pepper(images, amount, rng):
    hit = rng.random(images.shape[:-1] + (1,)) < amount
    salt = rng.integers(0, 2, images.shape[:-1] + (1,))
    return np.where(hit, salt, images)
""",
            """
def my_salt_and_pepper(images, amount, rng):
    kind = rng.choice(3, size=images.shape[:-1], p=[amount / 2, 1 - amount, amount / 2])
    noisy = np.array(images)
    noisy[kind != 1] = kind[kind != 1][:, None] / 2
    return noisy
""",
        ],
        "wrong": [
            ("""
def my_salt_and_pepper(images, amount, rng):
    draw = rng.random(images.shape)
    return np.where(draw < amount / 2, 0, np.where(draw > 1 - amount / 2, 1, images))
""", "Draw once a pixel"),
            ("""
def my_salt_and_pepper(images, amount, rng):
    hit = rng.random(images.shape[:-1] + (1,)) < amount
    return np.where(hit, rng.integers(0, 2, images.shape), images)
""", "white in one channel and black in another"),
            ("""
def my_salt_and_pepper(images, amount, rng):
    return np.where(rng.random(images.shape[:-1] + (1,)) < amount, 1, images)
""", "There is only salt"),
            ("""
def my_salt_and_pepper(images, amount, rng):
    return np.where(rng.random(images.shape[:-1] + (1,)) < amount, 0, images)
""", "There is only pepper"),
            ("""
def my_salt_and_pepper(images, amount, rng):
    draw = rng.random(images.shape[:-1] + (1,))
    return np.where(draw < amount, 0, np.where(draw > 1 - amount, 1, images))
""", "amount is for both colours together"),
            ("""
def my_salt_and_pepper(images, amount, rng):
    draw = rng.random(images.shape[:-1] + (1,))
    noisy = np.where(draw < amount / 2, 0, images)
    return np.where(draw > amount / 2, 1, noisy)
""", "you hit every pixel"),
            ("""
def my_salt_and_pepper(images, amount, rng):
    draw = rng.random(images.shape[:-1] + (1,))
    return np.where(draw < amount / 4, 0, np.where(draw > 1 - amount / 4, 1, images))
""", "too few"),
            ("""
def my_salt_and_pepper(images, amount, rng):
    shape = images.shape[:-1] + (1,)
    noisy = np.where(rng.random(shape) < amount / 2, 0, images)
    return np.where(rng.random(shape) < amount / 2, 1, noisy)
""", "hits some pixels twice"),
            ("""
def my_salt_and_pepper(images, amount, rng):
    draw = rng.random(images.shape[:-1])
    images[draw < amount / 2] = 0
    images[draw > 1 - amount / 2] = 1
    return images
""", "Work on a copy"),
            ("""
def my_salt_and_pepper(images, amount, rng):
    noisy = images.reshape(-1, 3)
    order = rng.permutation(len(noisy))[: round(amount * len(noisy))]
    noisy[order[::2]], noisy[order[1::2]] = 0, 1
    return noisy.reshape(images.shape)
""", "Work on a copy"),
            ("""
def my_salt_and_pepper(images, amount, rng):
    noisy = images.reshape(-1, 3).copy()
    order = rng.permutation(len(noisy))[: round(amount * len(noisy))]
    noisy[order[::2]], noisy[order[1::2]] = 0, 1
    return noisy.reshape(images.shape)
""", "each pixel takes its own chance"),
            ("""
def my_salt_and_pepper(images, amount, rng):
    draw = np.random.random(images.shape[:-1] + (1,))
    return np.where(draw < amount / 2, 0, np.where(draw > 1 - amount / 2, 1, images))
""", "some draws do not come from the rng"),
            ("""
def my_salt_and_pepper(images, amount, rng):
    draw = np.random.default_rng(0).random(images.shape[:-1] + (1,))
    return np.where(draw < amount / 2, 0, np.where(draw > 1 - amount / 2, 1, images))
""", "you make one of your own"),
            ("""
def my_salt_and_pepper(images, amount, rng):
    draw = rng.random(images.shape[1:-1] + (1,))
    return np.where(draw < amount / 2, 0, np.where(draw > 1 - amount / 2, 1, images))
""", "specks in the same places"),
            ("""
def my_salt_and_pepper(images, amount, rng):
    draw = rng.random(images.shape[:-1] + (1,))
    return np.where(draw < amount / 4, 0, np.where(draw > 1 - 3 * amount / 4, 1, images))
""", "equally likely"),
            ("""
def my_salt_and_pepper(images, amount, rng):
    draw = rng.random(images.shape[:-1] + (1,))
    return np.where(draw < amount / 2, 0, np.where(draw > 1 - amount / 2, 255, images))
""", "have other values"),
            ("""
def my_salt_and_pepper(images, amount, rng):
    draw = rng.random((len(images), 32, 32, 1))
    return np.where(draw < amount / 2, 0, np.where(draw > 1 - amount / 2, 1, images))
""", "stops with ValueError (line "),
            ("""
def my_salt_and_pepper(images, amount, rng):
    draw = rng.random(images.shape[:-1])
    return np.where(draw < amount / 2, 0, np.where(draw > 1 - amount / 2, 1, images))
""", "End the shape of the draw with (1,)"),
            ("""
def my_salt_and_pepper(images, amount, rng):
    draw = rng.random(images.shape[:-1] + (1,))
    return np.where(draw < amount / 2, 0, np.where(draw > 1 - amount / 2, 1, images)).astype(int)
""", "and not floats"),
            ("""
def my_salt_and_pepper(images, amount, rng):
    return rng.random(images.shape[:-1] + (1,)) < amount
""", "The result has shape"),
            ("""
def my_salt_and_pepper(images, amount, rng):
    return images
""", "No pixel has changed"),
        ],
    },
    "amount_like_sigma": {
        "right": ["my_amount = 0.04", "my_amount = np.float32(0.04)"],
        "wrong": [
            ("my_amount = 0.01", "black and white are 0.5 away"),
            ("my_amount = 0.2", "squared before the mean"),
            ("my_amount = 0.02", "nothing has to be halved"),
            ("my_amount = 0.1", "Too much"),
            ("my_amount = 0.005", "Too little"),
            ("my_amount = 0", "Too little"),
            ("my_amount = 4", "a probability, from 0 to 1"),
            ('my_amount = "4 %"', "A number is wanted"),
        ],
    },
    "grain": {
        "right": [
            """
def add_grain(images, sigma, rng):
    grain = rng.normal(0, sigma, images.shape[:3])
    return (images + grain[..., None]).clip(0, 1)
""",
            """
def add_grain(images, sigma, rng):
    noisy = images + np.stack([rng.normal(0, sigma, images.shape[:-1])] * 3, axis=-1)
    noisy[noisy < 0], noisy[noisy > 1] = 0, 1
    return noisy
""",
        ],
        "wrong": [
            ("""
def add_grain(images, sigma, rng):
    return np.clip(images + sigma * rng.standard_normal(images.shape), 0, 1)
""", "The channels still differ"),
            ("""
def add_grain(images, sigma, rng):
    return images + sigma * rng.standard_normal(images.shape[:-1] + (1,))
""", "np.clip helps"),
            ("""
def add_grain(images, sigma, rng):
    return np.clip(images + sigma * rng.standard_normal(images.shape[1:-1] + (1,)), 0, 1)
""", "Some pixels share their draw"),
            ("""
def add_grain(images, sigma, rng):
    return sigma * rng.standard_normal(images.shape[:-1] + (1,))
""", "The result has shape"),
            ("""
def add_grain(images, sigma, rng):
    return np.clip(0 * images + sigma * rng.standard_normal(images.shape[:-1] + (1,)), 0, 1)
""", "the noise alone"),
            ("""
def add_grain(images, sigma, rng):
    return np.clip(images + sigma**2 * rng.standard_normal(images.shape[:-1] + (1,)), 0, 1)
""", "was sigma squared"),
            ("""
def add_grain(images, sigma, rng):
    return np.clip(images + sigma * rng.random(images.shape[:-1] + (1,)), 0, 1)
""", "wanted are 0 and 0.1"),
            ("""
def add_grain(images, sigma, rng):
    images += sigma * rng.standard_normal(images.shape[:-1] + (1,), dtype="float32")
    return np.clip(images, 0, 1)
""", "Work on a copy"),
            ("""
def add_grain(images, sigma, rng):
    return np.clip(images + sigma * np.random.standard_normal(images.shape[:-1] + (1,)), 0, 1)
""", "draw from the rng"),
            ("""
def add_grain(images, sigma, rng):
    rng = np.random.default_rng(0)
    return np.clip(images + sigma * rng.standard_normal(images.shape[:-1] + (1,)), 0, 1)
""", "use the one that was passed in"),
            ("""
def add_grain(images, sigma, rng):
    return np.clip(images + rng.normal(0, sigma), 0, 1)
""", "Some pixels share their draw"),
            ("""
def add_grain(images, sigma, rng):
    return np.clip(images + 0.1 * rng.standard_normal(images.shape[:-1] + (1,)), 0, 1)
""", "Is sigma used"),
            ("""
def add_grain(images, sigma, rng):
    return np.clip(images + sigma * rng.standard_normal(images.shape[:-1]), 0, 1)
""", "End the shape of the draw with (1,)"),
            ("""
def add_grain(images, sigma, rng):
    return np.clip(np.full_like(images, 0.5) + sigma * rng.standard_normal(images.shape[:-1] + (1,)), 0, 1)
""", "plain grey"),
            ("""
def add_grain(images, sigma, rng):
    grey = np.repeat(images.mean(axis=-1, keepdims=True), 3, axis=-1)
    return np.clip(grey + sigma * rng.standard_normal(images.shape[:-1] + (1,)), 0, 1)
""", "in black and white"),
            ("""
def add_grain(images, sigma, rng):
    return np.clip(images * (1 + 2 * sigma * rng.standard_normal(images.shape[:-1] + (1,))), 0, 1)
""", "as speckle does"),
            ("""
def add_grain(images, sigma, rng):
    return np.clip(images + sigma * rng.standard_normal(images.shape[:-1] + (1,)) + (images - 0.5), 0, 1)
""", "The noise has mean 0"),
            ("""
def add_grain(images, sigma, rng):
    reach = sigma * np.sqrt(3)
    return np.clip(images + rng.uniform(-reach, reach, images.shape[:-1] + (1,)), 0, 1)
""", "the shape is not"),
        ],
    },
}
