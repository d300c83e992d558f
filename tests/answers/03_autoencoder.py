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
            ("my_sigma = lost", "One positive number is wanted"),
            ("my_sigma = '0.05'", "One positive number is wanted"),
            ("my_sigma = -np.sqrt(1.5 * lost[-1])", "One positive number is wanted"),
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
    "small_decoder": {
        "right": [
            """
def my_decoder():
    return keras.Sequential([
        keras.Input((64,)), layers.Dense(256, activation="relu"), layers.Reshape((4, 4, 16)),
        layers.Conv2DTranspose(16, 3, strides=2, padding="same", activation="relu"),
        layers.Conv2DTranspose(3, 3, strides=2, padding="same"),
    ])
""",
            """
def my_decoder():
    code = keras.Input((64,))
    x = layers.Reshape((4, 4, 8))(layers.Dense(128)(code))
    x = layers.UpSampling2D(4)(x)
    return keras.Model(code, layers.Conv2D(3, 3, padding="same", activation="sigmoid")(x))
""",
        ],
        "wrong": [
            ("""
def my_decoder():
    code = keras.Input((64,))
    x = layers.Reshape((4, 4, 32))(layers.Dense(4 * 4 * 32)(code))
    for filters in (32, 16, 8):
        x = transposed_block(layers.UpSampling2D()(x), filters)
    return keras.Model(code, layers.Conv2DTranspose(3, 3, padding="same")(x))
""", "one doubling too many"),
            ("""
def my_decoder():
    code = keras.Input((64,))
    x = layers.Reshape((4, 4, 32))(layers.Dense(4 * 4 * 32)(code))
    return keras.Model(code, transposed_block(layers.UpSampling2D()(x), 3))
""", "One doubling is missing"),
            ("""
def my_decoder():
    code = keras.Input((64,))
    return layers.Dense(4 * 4 * 32)(code)
""", "Wanted is a Keras model"),
            ("""
def my_decoder():
    code = keras.Input((64,))
    return keras.Model(code, layers.Reshape((16, 16, 3))(layers.Dense(768)(code)))
""", "no convolution draws"),
            ("""
def my_decoder():
    code = keras.Input((64,))
    x = layers.Reshape((4, 4, 32))(layers.Dense(4 * 4 * 32)(code))
    x = layers.UpSampling2D()(layers.UpSampling2D()(x))
    return keras.Model(code, transposed_block(x, 3))
""", "after a ReLU at the end"),
            ("""
def my_decoder():
    return autoencoder
""", "wanted is (None, 64)"),
            ("""
def my_decoder():
    code = keras.Input((64,))
    x = layers.Reshape((4, 4, 32))(layers.Dense(4 * 4 * 16)(code))
    return keras.Model(code, x)
""", "stops with ValueError"),
        ],
    },
}
