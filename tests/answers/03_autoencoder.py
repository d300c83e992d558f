"""Answers to the exercises of notebook 3: right ones beside the notebook's own, and usual mistakes."""

ANSWERS = {
    "decoder_level": {
        "right": [
            """
def my_level(x, filters):
    x = layers.UpSampling2D(interpolation="bilinear")(x)
    x = layers.Conv2DTranspose(filters, 5, padding="same")(x)
    return layers.Activation("relu")(layers.BatchNormalization()(x))
""",
        ],
        "wrong": [
            ("""
def my_level(x, filters):
    return transposed_block(x, filters)
""", "the map has to be doubled"),
            ("""
def my_level(x, filters):
    return layers.UpSampling2D()(x)
""", "keeps the channels of the input"),
            ("""
def my_level(x, filters):
    x = layers.Conv2DTranspose(filters, 3, strides=2, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization()(x))
""", "checkerboard"),
            ("""
def my_level(x, filters):
    return layers.Conv2DTranspose(filters, 3, padding="same", activation="relu")(layers.UpSampling2D()(x))
""", "Still missing: BatchNormalization"),
            ("""
def my_level(x, filters):
    x = layers.Conv2DTranspose(filters, 3, padding="same")(layers.UpSampling2D()(x))
    return layers.BatchNormalization()(x)
""", "no ReLU"),
            ("""
def my_level(x, filters):
    return layers.UpSampling2D()(transposed_block(x, filters))
""", "nothing is drawn into the new pixels"),
            ("""
def my_level(x, filters):
    x = layers.Conv2DTranspose(filters, 3, padding="same", activation="relu")(layers.UpSampling2D()(x))
    return layers.ReLU()(layers.BatchNormalization()(x))
""", "ReLU comes before the normalization"),
            ("""
def my_level(x, filters):
    return layers.UpSampling2D(), layers.Conv2DTranspose(filters, 3, padding="same"), layers.ReLU()
""", "That is a tuple"),
            ("""
def my_level(x, filters):
    x = transposed_block(layers.UpSampling2D()(x), filters)
""", "is the `return` missing"),
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
    "linear_code": {
        "right": [
            """
def my_code(images, k, mean, components):
    flat = images.reshape(len(images), 3072) - mean
    rebuilt = np.tile(mean, (len(images), 1))
    for direction in components.T[:k]:
        rebuilt = rebuilt + np.outer(flat @ direction, direction)
    return np.clip(rebuilt.reshape(images.shape), 0, 1)
""",
        ],
        "wrong": [
            ("""
def my_code(images, k, mean, components):
    return (images.reshape(len(images), -1) - mean) @ components[:, :k]
""", "Those are the codes"),
            ("""
def my_code(images, k, mean, components):
    codes = (images.reshape(len(images), -1) - mean) @ components[:, :k]
    return (codes @ components[:, :k].T).reshape(images.shape)
""", "not put back"),
            ("""
def my_code(images, k, mean, components):
    codes = images.reshape(len(images), -1) @ components[:, :k]
    return (codes @ components[:, :k].T + mean).reshape(images.shape)
""", "before you multiply"),
            ("""
def my_code(images, k, mean, components):
    codes = (images.reshape(len(images), -1) - mean) @ components[:k].T
    return (codes @ components[:k] + mean).reshape(images.shape)
""", "a component is a column"),
            ("""
def my_code(images, k, mean, components):
    return images
""", "Not the best code"),
            ("""
def my_code(images, k, mean, components):
    return images @ components[:, :k]
""", "Two shapes do not fit"),
        ],
    },
}
