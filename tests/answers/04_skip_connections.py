"""Answers to the exercises of notebook 4: right ones beside the notebook's own, and usual mistakes."""

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
    "skip_level": {
        "right": [
            """
def my_level(x, seen, filters):
    together = keras.ops.concatenate([seen, layers.UpSampling2D(interpolation="bilinear")(x)], axis=-1)
    return layers.Conv2D(filters, 3, padding="same", activation="relu")(together)
""",
            """
def my_level(x, seen, filters):
    x = layers.Conv2DTranspose(filters, 3, strides=2, padding="same")(x)
    return transposed_block(layers.Concatenate()([x, seen]), filters)
""",
        ],
        "wrong": [
            ("""
def my_level(x, seen, filters):
    x = layers.Concatenate()([x, seen])
    return transposed_block(layers.UpSampling2D()(x), filters)
""", "Double x first"),
            ("""
def my_level(x, seen, filters):
    x = layers.Add()([layers.UpSampling2D()(x), seen])
    return transposed_block(x, filters)
""", "even the channels differ"),
            ("""
def my_level(x, seen, filters):
    return transposed_block(layers.UpSampling2D()(x) + seen, filters)
""", "even the channels differ"),
            ("""
def my_level(x, seen, filters):
    return transposed_block(layers.UpSampling2D()(x), filters)
""", "Is seen laid beside x"),
            ("""
def my_level(x, seen, filters):
    return transposed_block(seen, filters)
""", "Is seen laid beside x"),
            ("""
def my_level(x, seen, filters):
    return layers.Concatenate()([layers.UpSampling2D()(x), seen])
""", "nothing has looked at them yet"),
            ("""
def my_level(x, seen, filters):
    x = transposed_block(layers.UpSampling2D()(x), filters)
    return layers.Concatenate()([x, seen])
""", "the other way round"),
            ("""
def my_level(x, seen, filters):
    x = layers.Concatenate()([x, layers.MaxPooling2D()(seen)])
    return transposed_block(x, filters)
""", "we want its detail"),
            ("""
def my_level(x, seen, filters):
    return layers.UpSampling2D()(x)
""", "Now lay seen beside it"),
            ("""
def my_level(x, seen, filters):
    x = layers.UpSampling2D()(x)
    return transposed_block(layers.Concatenate(axis=1)([x, seen]), filters)
""", "along the channels"),
            ("""
def my_level(x, seen, filters):
    x = layers.Concatenate()([x, layers.MaxPooling2D()(seen)])
    return layers.UpSampling2D()(transposed_block(x, filters))
""", "fine detail of seen is lost"),
            ("""
def my_level(x, seen, filters):
    x = transposed_block(layers.UpSampling2D()(x), filters // 2)
    return layers.Concatenate()([x, layers.Conv2D(filters // 2, 1)(seen)])
""", "Only some channels depend on x"),
            ("""
def my_level(x, seen, filters):
    return filters
""", "The result has shape ()"),
        ],
    },
    "residual_connection": {
        "right": [
            """
def my_residual():
    image = keras.Input((32, 32, 3))
    correction = layers.Conv2DTranspose(3, 3, padding="same", kernel_initializer="zeros", use_bias=False)(image)
    return keras.Model(image, image - correction)
""",
            """
def my_residual():
    image = keras.Input((None, None, 3))
    return keras.Model(image, image + layers.Conv2D(3, 3, padding="same", kernel_initializer="zeros")(image))
""",
            """
def my_residual():
    image = keras.Input((32, 32, 3))
    hidden = layers.Conv2D(8, 3, padding="same", activation="relu")(image)
    return keras.Model(image, image + layers.Conv2D(3, 3, padding="same", kernel_initializer="zeros")(hidden))
""",
        ],
        "wrong": [
            ("""
def my_residual():
    image = keras.Input((32, 32, 3))
    return keras.Model(image, layers.Conv2D(3, 3, padding="same", kernel_initializer="zeros")(image))
""", "starts from a black picture"),
            ("""
def my_residual():
    image = keras.Input((32, 32, 3))
    return keras.Model(image, layers.Add()([image, layers.Conv2D(3, 3, padding="same")(image)]))
""", "the kernel_initializer zeros"),
            ("""
def my_residual():
    image = keras.Input((32, 32, 3))
    return keras.Model(image, layers.Add()([image, image]))
""", "nothing to train in it"),
            ("""
def my_residual():
    image = keras.Input((32, 32, 3))
    correction = layers.Conv2D(3, 3, padding="same", kernel_initializer="zeros")(image)
    return keras.Model(image, layers.Concatenate()([image, correction]))
""", "The output has shape (32, 32, 6)"),
            ("""
def my_residual():
    image = keras.Input((32, 32, 3))
    correction = layers.Conv2D(3, 3, padding="same", kernel_initializer="zeros", activation="relu")(image)
    return keras.Model(image, layers.Add()([image, correction]))
""", "can go one way only"),
            ("""
def my_residual():
    image = keras.Input((32, 32, 3))
    return layers.Add()([image, layers.Conv2D(3, 3, padding="same", kernel_initializer="zeros")(image)])
""", "Return a model, not a tensor"),
            ("""
def my_residual():
    image = keras.Input((32, 32, 3))
    return keras.Model(image, layers.Add()([image, layers.Conv2D(3, 3)(image)]))
""", "takes a pixel off every side"),
            ("""
def my_residual():
    image = keras.Input((32, 32, 3))
    correction = layers.Conv2D(3, 3, padding="same", kernel_initializer="zeros")(image)
    return keras.Model(image, layers.ReLU()(layers.Add()([image, correction])))
""", "no longer the sum"),
            ("""
def my_residual():
    image = keras.Input((32, 32, 3))
    return keras.Model(image, image + layers.Conv2D(3, 1, kernel_initializer="zeros")(image))
""", "The kernel is 1×1"),
            ("""
def my_residual():
    image = keras.Input((32, 32, 3))
    return keras.Model(image, image + layers.Conv2D(1, 3, padding="same", kernel_initializer="zeros")(image))
""", "Wanted are 3 filters"),
            ("""
def my_residual():
    image = keras.Input((32, 32, 3))
    return keras.Model(image, image + layers.Dense(3, kernel_initializer="zeros")(image))
""", "no convolution"),
        ],
    },
}
