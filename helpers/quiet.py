"""Import Keras without TensorFlow's start-up messages, which would fill half a page in red.

``import helpers.quiet`` before ``import keras``. Messages that TensorFlow writes before its own
log levels apply can only be kept away by closing the door while it starts. Errors still reach the page:
Python raises them.

What else has to happen before TensorFlow starts stands here, too.
"""

import gc
import logging
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# oneDNN's convolutions, which TensorFlow leaves off where there is no AVX-512: a fifth of a training's time.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")


def _import_keras():
    if "keras" in sys.modules:
        return
    sys.stderr.flush()
    stderr, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    gc.disable()
    try:
        import keras  # noqa: F401

        gc.freeze()  # nearly a million objects that stay: each search for garbage among them took 0.4 s
    finally:
        gc.enable()
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)


_import_keras()
logging.getLogger("tensorflow").setLevel(logging.ERROR)  # "retracing" is no news in a notebook
