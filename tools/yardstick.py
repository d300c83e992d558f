"""A fixed piece of work, by which `make bench` measures what the notebooks cost: python -m tools.yardstick.

Prints the processor seconds of one thread for it. As in a lesson, about half of them go into starting Keras
and building a network, the rest into its convolutions; with some matrix products. Nothing of ours is used,
so that it stays the same while the notebooks and helpers change.
"""

import json
import os
import time

from tools.usage import ONE_THREAD


def work(steps=60, products=30):
    """The seconds of each part."""
    os.environ.update(ONE_THREAD | {"TF_CPP_MIN_LOG_LEVEL": "3"})
    marks = [time.process_time()]
    import keras
    import numpy as np
    from keras import layers

    marks.append(time.process_time())
    images = np.random.default_rng(0).random((32, 32, 32, 3), dtype=np.float32)
    x = start = keras.Input((32, 32, 3))
    for filters in (16, 32, 64):
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D()(x)
    for filters in (64, 32, 16):
        x = layers.UpSampling2D()(x)
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    model = keras.Model(start, layers.Conv2D(3, 3, padding="same")(x))
    model.compile("adam", loss="mse")
    model.train_on_batch(images, images)
    marks.append(time.process_time())
    for _ in range(steps):
        model.train_on_batch(images, images)
    marks.append(time.process_time())
    matrix = images.reshape(32, -1)[:, :1024].repeat(32, axis=0)
    for _ in range(products):
        matrix @ matrix
    marks.append(time.process_time())
    parts = "start", "network", "convolutions", "matrices"
    return dict(zip(parts, (after - before for before, after in zip(marks, marks[1:]))))


if __name__ == "__main__":
    print(json.dumps(work()))
