"""Answers to the exercises of notebook 6: right ones beside the notebook's own, and usual mistakes."""

# The difference of two methods, a value an image, without seven methods and 300 images.
GIVEN = {"difference": "np.random.default_rng(0).normal(2.0, 0.6, 50)"}

ANSWERS = {
    "images_needed": {
        "right": [
            "my_count = round((difference.std(ddof=1) / goal) ** 2)",
            "my_count = np.ceil(len(difference) * (error / goal) ** 2)",
            "my_count = np.ceil((round(difference.std(ddof=1), 3) / goal) ** 2)",
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
    "file_psnr": {
        "right": [
            """
def my_file_psnr(clean, other):
    return psnr(clean / 255, other / 255)
""",
            """
def my_file_psnr(clean, other):
    values = []
    for a, b in zip(clean.astype("float32"), other.astype("float32")):
        rmse = np.sqrt(np.mean((a - b) ** 2))
        values.append(20 * np.log10(255 / rmse) if rmse else np.inf)
    return values
""",
        ],
        "wrong": [
            ("""
def my_file_psnr(clean, other):
    return my_psnr(clean, other, data_range=255)
""", "Bytes wrap around"),
            ("""
def my_file_psnr(clean, other):
    return my_psnr(clean.astype(float), other.astype(float))
""", "data_range is 255"),
            ("""
def my_file_psnr(clean, other):
    return my_psnr(clean.astype(float), other.astype(float), data_range=255)
""", "Right, but equal images raise a warning"),
            ("""
def my_file_psnr(clean, other):
    mse = np.mean((clean.astype(float) - other) ** 2, axis=(1, 2, 3))
    return 10 * np.log(255**2 / mse)
""", "natural logarithm"),
            ("""
def my_file_psnr(clean, other):
    mse = np.mean((clean.astype(float) - other) ** 2)
    return 10 * np.log10(255**2 / mse)
""", "One number for all images together"),
            ("""
def my_file_psnr(clean, other):
    mse = np.mean((clean.astype(float) - other) ** 2, axis=(1, 2))
    return 10 * np.log10(255**2 / mse)
""", "has shape (8, 3)"),
            ("""
def my_file_psnr(clean, other):
    mse = np.mean((clean.astype(float) - other) ** 2, axis=(1, 2, 3))
    return np.log10(255**2 / mse)
""", "A factor of 10 is missing"),
            ("""
def my_file_psnr(clean, other):
    mse = np.mean((clean.astype(float) - other) ** 2, axis=(1, 2, 3))
    return 20 * np.log10(255**2 / mse)
""", "20 log10 goes with the root"),
            ("""
def my_file_psnr(clean, other):
    mse = np.mean((clean.astype(float) - other) ** 2, axis=(1, 2, 3))
    return 10 * np.log10(255 / mse)
""", "has to be squared"),
            ("""
def my_file_psnr(clean, other):
    mse = np.mean((clean.astype(float) - other) ** 2, axis=(1, 2, 3))
    return 10 * np.log10(255**2 / (mse + 1e-9))
""", "it has to be infinite"),
            ("""
def my_file_psnr(clean, other):
    mse = np.mean((clean.astype("int16") - other) ** 2, axis=(1, 2, 3))
    return 10 * np.log10(255**2 / mse)
""", "does not fit into int16"),
            ("""
def my_file_psnr(clean, other):
    clean *= 0
    return np.zeros(len(clean))
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
            ("my_amount = 19", "is no share of the pixels"),
            ("my_amount = duel(0.1)", "One number is wanted"),
        ],
    },
}
