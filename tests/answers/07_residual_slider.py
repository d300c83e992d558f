"""Answers to the exercises of notebook 7: right ones beside the notebook's own, and usual mistakes."""

# Twenty pictures instead of hundreds.
GIVEN = {"clean": "to_float(validation.images[:20])"}

ANSWERS = {
    "breaks_even": {
        "right": [
            """
low, high = 0, 1
while high - low > 0.005:
    middle = (low + high) / 2
    low, high = (middle, high) if faded(middle) < doing_nothing else (low, middle)
my_strength = low
""",
        ],
        "wrong": [
            ("my_strength = 0.5", "still worse than doing nothing: look further right"),
            ("my_strength = 0.9", "You say 0.9"),
            ("my_strength = fine[np.argmin(np.abs(np.array(curve) - mean_psnr(noisy)))]", "look further left"),
            ("my_strength = 70", "is no strength"),
            ("my_strength = [0.7]", "One number is wanted"),
            ("my_strength = '0.7'", "One number is wanted"),
        ],
    },
    "brings_alone": {
        "right": [
            """
def my_gain(name):
    strengths = [1.0, 0.0, 0.0, 0.0]
    before = mean_psnr(with_strength(strengths))
    strengths[names.index(name)] = 1.0
    return mean_psnr(with_strength(strengths)) - before
""",
        ],
        "wrong": [
            ("""
def my_gain(name):  # with all maps at 0 the picture is not quite the noisy one
    return mean_psnr(with_strength([other in (names[0], name) for other in names])) - mean_psnr(noisy)
""", "For 32×32 maps it is"),
            ("""
def my_gain(name):
    return mean_psnr(with_strength([other == name for other in names])) - mean_psnr(with_strength([1, 0, 0, 0]))
""", "has to stay on"),
            ("""
def my_gain(name):
    return mean_psnr(with_strength([other == name for other in names])) - mean_psnr(with_strength([0, 0, 0, 0]))
""", "two dark pictures"),
            ("""
def my_gain(name):
    return cost[name]
""", "lost if it is removed"),
            ("""
def my_gain(name):
    return mean_psnr(with_strength([other in (names[0], name) for other in names]))
""", "Subtract what the noisy image alone has"),
            ("""
def my_gain(name):
    return mean_psnr(with_strength([other != name for other in names])) - mean_psnr(with_strength([1, 0, 0, 0]))
""", "the other way round"),
            ("""
def my_gain(name):
    return mean_psnr(with_strength([1, 0, 0, 0])) - mean_psnr(with_strength([x in (names[0], name) for x in names]))
""", "The sign"),
            ("""
def my_gain(name):
    return with_strength([1, 0, 0, 0])
""", "One number is wanted"),
            ("""
def my_gain(name):
    return 0
""", "and you say 0.00 dB"),
        ],
    },
    "new_noise": {
        "right": [
            """
def my_noise(images, level, rng):  # stripes from top to bottom
    return np.clip(images + level * rng.standard_normal((len(images), 1, 32, 1)), 0, 1).astype("float32")
""",
            """
def my_noise(images, level, rng):  # light from above, more or less of it
    slope = np.linspace(-1, 1, 32)[:, None, None] * rng.standard_normal((len(images), 1, 1, 1))
    return np.clip(images + level * slope, 0, 1).astype("float32")
""",
            """
def my_noise(images, level, rng):  # out of focus, some more, some less
    share = np.minimum(level * 2 * rng.random((len(images), 1, 1, 1)), 1)
    blurred = (images + np.roll(images, 1, axis=1) + np.roll(images, 1, axis=2)) / 3
    return ((1 - share) * images + share * blurred).astype("float32")
""",
            """
def my_noise(images, level, rng):  # every picture too dark or too bright as a whole
    return np.clip(images + level * rng.uniform(-1, 1, (len(images), 1, 1, 1)), 0, 1).astype("float32")
""",
        ],
        "wrong": [
            ("my_noise = add_gaussian", "white Gaussian noise"),
            ("""
def my_noise(images, level, rng):  # salt alone
    grains = rng.random(images.shape[:-1] + (1,)) < level
    return np.where(grains, 1, images).astype("float32")
""", "The error of every pixel is drawn alone"),
            ("""
def my_noise(images, level, rng):  # grey grain: the channels have one error, the neighbours do not
    return np.clip(images + level * rng.standard_normal((len(images), 32, 32, 1)), 0, 1).astype("float32")
""", "The error of every pixel is drawn alone"),
            ("my_noise = add_salt_and_pepper", "salt and pepper"),
            ("my_noise = add_stripes", "the notebook's own stripes"),
            ("""
def my_noise(images, level, rng):
    return np.clip(images + level * rng.uniform(-1, 1, images.shape), 0, 1).astype("float32")
""", "The error of every pixel is drawn alone"),
            ("""
def my_noise(images, level, rng):
    return np.clip(images * (1 + level * rng.standard_normal(images.shape)), 0, 1).astype("float32")
""", "The error of every pixel is drawn alone"),
            ("""
def my_noise(images, level, rng):  # shot noise: few photons, the fewer the darker
    if level == 0:
        return images
    photons = 1 / level**2
    return np.clip(rng.poisson(images * photons) / photons, 0, 1).astype("float32")
""", "The error of every pixel is drawn alone"),
            ("""
def my_noise(images, level, rng):
    return np.clip(images + level * np.random.standard_normal((32, 1, 1)), 0, 1).astype("float32")
""", "draw from rng alone"),
            ("""
def my_noise(images, level, rng):
    return images + level * rng.standard_normal((len(images), 32, 1, 1), dtype=np.float32)
""", "np.clip(..., 0, 1) is missing"),
            ("""
def my_noise(images, level, rng):
    return np.clip(images + level * rng.standard_normal((len(images), 32, 1, 1)), 0, 1)
""", "wanted is float32"),
            ("""
def my_noise(images, level, rng):
    return np.clip(images + 0.2 * rng.standard_normal((len(images), 32, 1, 1)), 0, 1).astype("float32")
""", "At level 0 the images have to stay"),
            ("""
def my_noise(images, level, rng):
    images += level
    return np.clip(images, 0, 1)
""", "Work on a copy"),
            ("""
def my_noise(images, level, rng):
    return images
""", "nothing has changed"),
            ("""
def my_noise(images, level, rng):
    return (images * (1 - level)).astype("float32")
""", "nothing is random here"),
        ],
    },
}
