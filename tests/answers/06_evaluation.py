"""Answers to the exercises of notebook 6: right ones beside the notebook's own, and usual mistakes."""

# The difference of two methods, a value an image, without seven methods and 300 images.
GIVEN = {"difference": "np.random.default_rng(0).normal(2.0, 0.6, 50)"}

ANSWERS = {
    "images_needed": {
        "right": [
            "my_count = round((difference.std(ddof=1) / goal) ** 2)",
            "my_count = np.ceil(len(difference) * (error / goal) ** 2)",
            "my_count = np.ceil((round(difference.std(ddof=1), 3) / goal) ** 2)",
            "my_count = np.ceil(1.02 * (difference.std(ddof=1) / goal) ** 2)",
        ],
        "wrong": [
            ("my_count = round(difference.std(ddof=1) / goal)", "Square it"),
            ("my_count = round(len(difference) * error / goal)", "half the error needs four times as many"),
            ("my_count = np.ceil((np.std(difference) / goal) ** 2)", "with ddof=1"),
            ("my_count = np.ceil((difference.std(ddof=1) / goal) ** 2) - len(difference)", "how many more"),
            ("my_count = 3", "still above"),
            ("my_count = 1_000_000", "fewer will do"),
            ("my_count = 'many'", "A whole number is wanted"),
            ("my_count = difference", "A whole number is wanted"),
        ],
    },
    "sigma_seen": {
        "right": [
            """
def my_sigma(noisy):
    from skimage.restoration import estimate_sigma
    return np.mean([estimate_sigma(image, channel_axis=-1, average_sigmas=True) for image in noisy])
""",
            """
def my_sigma(noisy):
    return np.median(np.abs(np.diff(noisy, axis=2))) / 0.6745 / np.sqrt(2)
""",
            """
def my_sigma(noisy):
    from scipy.ndimage import convolve
    kernel = np.outer([1, -2, 1], [1, -2, 1])[None, :, :, None]
    return np.sqrt(np.pi / 2) / 6 * np.abs(convolve(noisy, kernel)[:, 1:-1, 1:-1]).mean()
""",
            """
def my_sigma(noisy):
    both = [np.median(np.abs(np.diff(noisy, axis=axis))) for axis in (1, 2)]
    return np.mean(both) / 0.6745 / np.sqrt(2)
""",
            """
def my_sigma(noisy):
    return np.median(np.abs(np.diff(noisy, axis=2)))  # right by luck, and told so
""",
        ],
        "wrong": [
            ("""
def my_sigma(noisy):
    return noisy.std()
""", "it contains their contrast"),
            ("""
def my_sigma(noisy):
    return np.median(np.abs(np.diff(noisy, axis=2))) / 0.6745
""", "sigma times the root of 2"),
            ("""
def my_sigma(noisy):
    change = noisy[:, :-1, :-1] - noisy[:, 1:, :-1] - noisy[:, :-1, 1:] + noisy[:, 1:, 1:]
    return (np.median(np.abs(change)) / 0.6745 / 2) ** 2
""", "the variance. Take its root"),
            ("""
def my_sigma(noisy):
    change = noisy[:, :-1, :-1] - noisy[:, 1:, :-1] - noisy[:, :-1, 1:] + noisy[:, 1:, 1:]
    return np.median(np.abs(change)) / 0.6745 / 2 * 255
""", "grey values"),
            ("""
def my_sigma(noisy):
    return np.median(np.abs(np.diff(noisy, axis=2)))  / 2
""", "too little. Which factor"),
            ("""
def my_sigma(noisy):
    return np.abs(np.diff(noisy, axis=2)).max()
""", "edges, texture or colours"),
            ("""
def my_sigma(noisy):
    from scipy.ndimage import gaussian_filter
    return (noisy - gaussian_filter(noisy, (0, 1, 1, 0))).std()
""", "edges, texture or colours"),
            ("""
def my_sigma(noisy):
    return np.median(np.abs(np.diff(noisy, axis=3))) / 0.6745 / np.sqrt(2)
""", "direct neighbours of one colour"),
            ("""
def my_sigma(noisy):
    blocks = [noisy[:, i:i + 4, j:j + 4].std(axis=(1, 2)) for i in range(0, 32, 4) for j in range(0, 32, 4)]
    return np.percentile(blocks, 10)
""", "at the calmest only"),
            ("""
def my_sigma(noisy):
    return 0.1
""", "has to come from the pictures"),
            ("""
def my_sigma(noisy):
    return noisy.std(axis=(1, 2, 3))
""", "One number for the whole batch"),
            ("""
def my_sigma(noisy):
    noisy -= noisy.mean()
    return noisy.std()
""", "Work on a copy"),
        ],
    },
    "overtaken": {
        "right": [
            """
amounts = np.arange(0.05, 0.4, 0.02)
measured = np.array([duel(amount) for amount in amounts])
my_amount = float(np.interp(0, measured[:, 1] - measured[:, 0], amounts))
""",
        ],
        "wrong": [
            ("my_amount = 0.05", "still ahead well past 0.05: look further right"),
            ("my_amount = 0.4", "ahead well before 0.4: look further left"),
            ("my_amount = 19", "is not a share of the pixels"),
            ("my_amount = duel(0.1)", "One number is wanted"),
        ],
    },
}
