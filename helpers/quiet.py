"""Import Keras without TensorFlow's start-up messages, which would fill half a page in red.

``import helpers.quiet`` before ``import keras``. Messages that TensorFlow writes before its own
log levels apply can only be kept away by closing the door while it starts. Errors still reach the page:
Python raises them.
"""

import logging
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def _import_keras():
    if "keras" in sys.modules:
        return
    sys.stderr.flush()
    stderr, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        import keras  # noqa: F401
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)


_import_keras()
logging.getLogger("tensorflow").setLevel(logging.ERROR)  # "retracing" is no news in a notebook
