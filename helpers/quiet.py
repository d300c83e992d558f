"""Import Keras without TensorFlow's start-up messages, which would fill half a page in red.

``import helpers.quiet`` before ``import keras``. Messages that TensorFlow writes before its own
log levels apply can only be kept away by closing the door while it starts. Errors still reach the page:
Python raises them.

What else has to happen before TensorFlow starts stands here, too: `keep_memory`.
"""

import ctypes
import gc
import logging
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # on some processors it is left off, and training is slower


def _import_keras():
    if "keras" in sys.modules:
        return
    sys.stderr.flush()
    stderr, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    gc.disable()  # else it would look through a million new objects again and again: half a second
    try:
        import keras  # noqa: F401
    finally:
        gc.freeze()
        gc.enable()
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)


def keep_memory():
    """Let the process keep the memory that it frees, where the C library is glibc (most of Linux).

    TensorFlow asks for the same megabytes in every step and frees them again. By default glibc hands large
    pieces back to the system at once, which then has to give, and clear, them anew: up to half of the time
    of a training step. What a process holds at most hardly grows by it.

    References
    ----------
    .. [1] mallopt(3), ``M_MMAP_MAX`` and ``M_TRIM_THRESHOLD``.
    """
    if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), "mallopt"):
        library.mallopt(-4, 0)  # M_MMAP_MAX
        library.mallopt(-1, 2**30)  # M_TRIM_THRESHOLD


keep_memory()
_import_keras()
logging.getLogger("tensorflow").setLevel(logging.ERROR)  # "retracing" is no news in a notebook
