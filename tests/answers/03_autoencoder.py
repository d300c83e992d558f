"""Answers to the exercises of notebook 3: right ones beside the notebook's own, and usual mistakes."""

# From 400 images instead of thousands: such a code serves these tests as well, and takes no seconds.
GIVEN = {"components": "np.linalg.svd(flat[:400] - mean, full_matrices=False)[2].T"}

ANSWERS = {
    "sigma_of_no_change": {
        "right": ["my_sigma = (lost[-1] * 3 / 2) ** 0.5", "my_sigma = float(np.sqrt(1.5 * lost[-1]))"],
        "wrong": [
            ("my_sigma = np.sqrt(lost[-1])", "the share K/N of it"),
            ("my_sigma = lost[-1] / (1 - 1 / 3)", "Wanted is sigma."),
            ("my_sigma = np.sqrt(3 * lost[-1])", "Compare the sum of both"),
            ("my_sigma = 0.2", "there the projection helps"),
            ("my_sigma = 0.001", "there the projection harms"),
            ("my_sigma = lost", "One number is wanted"),
            ("my_sigma = '0.05'", "One number is wanted"),
        ],
    },
    "dense_weights": {
        "right": ["my_latent_dim = int((300_000 - 1024) / 2049)", "my_latent_dim = np.floor(298_976 / 2049)"],
        "wrong": [
            ("my_latent_dim = 292", "both together have"),
            ("my_latent_dim = 300_000 // 2048", "With the biases"),
            ("my_latent_dim = 256", "both together have 525,568"),
            ("my_latent_dim = 144", "there is room for more"),
            ("my_latent_dim = 298_976 / 2049", "A whole number is wanted"),
        ],
    },
    "code_size": {
        "right": [
            """
def my_size(images, decibels):
    few, enough = 0, 1024
    while enough - few > 1:
        middle = (few + enough) // 2
        if psnr(images, through(images, middle)).mean() < decibels:
            few = middle
        else:
            enough = middle
    return enough
""",
            """
def my_size(images, decibels):
    kept = np.array([psnr(images, through(images, k)).mean() for k in range(1, 129)])
    return 1 + np.argmax(kept >= decibels)
""",
            """
def my_size(images, decibels):
    flat = images.reshape(len(images), -1) - mean
    codes, k = flat @ components[:, :128], 0
    while True:
        k += 1
        rebuilt = np.clip(codes[:, :k] @ components[:, :k].T + mean, 0, 1).reshape(images.shape)
        if psnr(images, rebuilt).mean() >= decibels:
            return k
""",
        ],
        "wrong": [
            ("""
def my_size(images, decibels):
    return next(k for k in sizes if psnr(images, through(images, k)).mean() >= decibels)
""", "but not the smallest K"),
            ("""
def my_size(images, decibels):
    k = 1
    while psnr(clean, through(clean, k)).mean() < decibels:
        k += 1
    return k
""", "Use the argument `images`"),
            ("""
def my_size(images, decibels):
    return 128
""", "Use the argument `decibels`"),
            ("""
def my_size(images, decibels):
    return max(k for k in range(1, 129) if psnr(images, through(images, k)).mean() < decibels)
""", "that is the last K that does not reach it"),
            ("""
def my_size(images, decibels):
    k = 1
    while -10 * np.log10(np.mean((images - through(images, k)) ** 2)) < decibels:
        k += 1
    return k
""", "Wanted is the mean of the images' PSNR"),
            ("""
def my_size(images, decibels):
    return [k for k in range(1, 129) if psnr(images, through(images, k)).mean() >= decibels]
""", "A whole number is wanted"),
            ("""
def my_size(images, decibels):
    for k in range(1, 129):
        if psnr(images, through(images, k)).mean() >= decibels:
            break
""", "is the `return` missing"),
            ("""
def my_size(images, decibels):
    k = 1
    while psnr(images, images @ components[:, :k] @ components[:, :k].T).mean() < decibels:
        k += 1
    return k
""", "Does the way back need .T"),
            ("""
def my_size(images, decibels):
    flat = images.reshape(len(images), -1) - mean
    return psnr(images, flat @ components[:, :8] @ components[:, :8]).argmax()
""", "Is images flat"),
        ],
    },
}
