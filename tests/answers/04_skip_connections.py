"""Answers to the exercises of notebook 4: right ones beside the notebook's own, and usual mistakes."""

# Few pictures, a target that a training of seconds reaches, and a training that prints nothing.
GIVEN = {
    "clean": "to_float(validation.images[:40])",
    "others": "to_float(validation.images[100:140])",
    "n_train": "200",
    "train": "lambda network, clean, validation, add_noise, **recipe: (network.compile('adam', 'mse'), "
             "network.fit(add_noise(clean, np.random.default_rng(0)), clean, verbose=0, **recipe))",
    "target": "psnr(others, others_noisy).mean() + 0.3",
}

ANSWERS = {
    "joined_channels": {
        "right": ["my_channels = 96", "my_channels = np.int64(96)"],
        "wrong": [
            ("my_channels = 64", "What does the encoder's map add"),
            ("my_channels = 32", "And before it"),
            ("my_channels = 128", "is right at 8×8"),
            ("my_channels = 48", "is right at 32×32"),
            ("my_channels = 64 * 32", "not multiplied"),
            ("my_channels = 288", "Doubling changes height and width"),
            ("my_channels = '96'", "A whole number is wanted"),
            ("my_channels = 7", "Not that"),
        ],
    },
    "receptive_field": {
        "right": [
            """
def my_field(network):
    if not network:
        return 1
    first, *others = network
    inner = my_field(others)
    return inner + 2 if first == "conv" else 2 * inner
""",
        ],
        "wrong": [
            ("""
def my_field(network):
    return 1 + 2 * len(network)
""", "For ['pool'] it is 2, and you say 3"),
            ("""
def my_field(network):
    return 1 + 2 * network.count("conv")
""", "widens the field as well"),
            ("""
def my_field(network):
    return 1 + 2 * network.count("conv") + network.count("pool")
""", "For ['conv', 'pool', 'conv'] it is 8, and you say 6"),
            ("""
def my_field(network):
    width, step = 1, 1
    for layer in network:
        width += 2 * step if layer == "conv" else 0
        step *= 2 if layer == "pool" else 1
    return width
""", "A pooling looks at two neighbours"),
            ("""
def my_field(network):
    return 3 * len(network)
""", "neither added nor multiplied"),
            ("""
def my_field(network):
    return 3 ** len(network)
""", "neither added nor multiplied"),
            ("""
def my_field(network):
    return (1 + 2 * len(network)) ** 2
""", "the number of pixels"),
            ("""
def my_field(network):
    return str(1 + 2 * len(network))
""", "a whole number is wanted"),
            ("""
def my_field(network):
    width = 1 + 2 * len(network)
""", "Your function returns nothing"),
        ],
    },
    "own_denoiser": {
        "right": [
            """
my_network = keras.Sequential([
    keras.Input((32, 32, 3)),
    layers.Conv2D(24, 5, padding="same", activation="relu"),
    layers.Conv2DTranspose(3, 3, padding="same"),
])
my_network.compile(keras.optimizers.Adam(5e-3), "mse")
learnt = add_gaussian(clean_train, 0.1, np.random.default_rng(1))
my_network.fit(learnt, clean_train, batch_size=4, epochs=10, verbose=0)
""",
            """
picture = keras.Input((None, None, 3))
correction = layers.DepthwiseConv2D(5, padding="same", depthwise_initializer="zeros")(picture)
my_network = keras.Model(picture, picture + correction)
train(my_network, clean_train, (noisy, clean), noise_to_learn, epochs=2, batch_size=4)
""",
        ],
        "wrong": [
            ("my_network = plain", "Call it, and train"),
            ("my_network = 'network'", "A Keras model is wanted"),
            ("my_network = plain()", "now train it"),
            ("my_network = plain('glorot_uniform')", "less than the noisy picture"),
            ("my_network = u_shaped(True, True)", "at most 10,000"),
            ("""
picture = keras.Input((32, 32, 3))
my_network = keras.Model(picture, layers.Conv2D(3, 3)(picture))
""", "padding='same'"),
            ("""
picture = keras.Input((32, 32, 3))
blurred = layers.AveragePooling2D(3, strides=1, padding="same")(picture)
my_network = keras.Model(picture, 0.99 * picture + 0.01 * blurred)
""", "dB that are wanted"),
            ("""
picture = keras.Input((32, 32, 3))
my_network = keras.Model(picture, float("nan") * picture)
""", "not finite"),
        ],
    },
}
