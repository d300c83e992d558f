"""Answers to the exercises of notebook 0: right ones beside the notebook's own, and usual mistakes."""

ANSWERS = {
    "first_sigma": {
        "right": ["my_sigma = 0.03", "my_sigma = np.float32(0.032)", "my_sigma = np.sqrt(1 / 10**3)"],
        "wrong": [
            ("my_sigma = 0.05", "less noise is needed"),
            ("my_sigma = 0.01", "more noise is needed"),
            ("my_sigma = 30 / 255", "sigma = 0.118 leaves"),
            ("my_sigma = 0.001", "That is sigma²"),
            ("my_sigma = 8", "divided by 255"),
            ("my_sigma = -0.03", "a number above 0"),
            ('my_sigma = "0.03"', "A number is wanted"),
            ("my_sigma = [0.03]", "A number is wanted"),
            ("my_sigma = float('nan')", "a number above 0"),
        ],
    },
    "bytes_to_floats": {
        "right": [
            """
def my_to_float(images):
    return images / 255
""",
            """
def my_to_float(images):
    return skimage.util.img_as_float32(images)
""",
            """
def my_to_float(images):
    floats = np.zeros(images.shape)
    floats[...] = images
    floats /= 255.0
    return floats
""",
        ],
        "wrong": [
            ("""
def my_to_float(images):
    return images // 255
""", "no whole number"),
            ("""
def my_to_float(images):
    return (images / 255).astype("uint8")
""", "no whole number"),
            ("""
def my_to_float(images):
    return images.astype("float32")
""", "still from 0 to 255"),
            ("""
def my_to_float(images):
    return images / 256
""", "255/256"),
            ("""
def my_to_float(images):
    return images / images.max()
""", "whether it occurs or not"),
            ("""
def my_to_float(images):
    return (images - images.min()) / (images.max() - images.min())
""", "stretches"),
            ("""
def my_to_float(images):
    return images / images.max(axis=(1, 2, 3), keepdims=True)
""", "each image by its own brightest value"),
            ("""
def my_to_float(images):
    return np.stack([(x - x.min()) / (x.max() - x.min()) for x in images])
""", "You stretch each image"),
            ("""
def my_to_float(images):
    return [image / 255 for image in images]
""", "That is a list"),
            ("""
def my_to_float(images):
    return (images / 255).tolist()
""", "That is a list"),
            ("""
def my_to_float(images):
    return images / 127.5 - 1
""", "from -1 to 1"),
            ("""
def my_to_float(images):
    return images[0] / 255
""", "has shape (4, 8, 3)"),
            ("""
def my_to_float(images):
    images //= 255
    return images / 1.0
""", "Work on a copy"),
            ("""
def my_to_float(images):
    images /= 255
    return images
""", "would write fractions back"),
            ("""
def my_to_float(images):
    return np.sqrt(images / 255)
""", "The byte 51 should become 0.2"),
            ("""
def my_to_float(images):
    return np.round(images / 255, 2)
""", "Do not round"),
            ("""
def my_to_float(images):
    return np.round(images / 255, 3)
""", "Do not round"),
            ("""
def my_to_float(images):
    return images.astype("float16") / 255
""", "Do not round"),
            ("my_to_float = 1 / 255", "stops with TypeError"),
        ],
    },
}
