"""What a long training keeps on disk: a crash at any moment costs at most the epoch in hand.

Keras's own callbacks do not promise that. `BackupAndRestore` writes the weights and then the number of the
epoch, each over the one before: killed in between, it repeats an epoch with weights that have seen it already.
`ModelCheckpoint` may leave half a file where the best weights were, and `CSVLogger` a line of an epoch that
is then run again. None of them knows the settings, or tells the batches at which epoch to go on.
"""

import json
import os
import time
from pathlib import Path

import helpers.quiet  # noqa: F401  before Keras
import keras


class Checkpoint(keras.callbacks.Callback):
    """Keep a training in a folder, one epoch at a time, and take it up again from there.

    The folder holds ``epoch-NNNN.weights.h5`` (weights and optimizer) of the newest and of the best epoch, and
    ``state.json`` (the settings, and what each epoch brought). No weights are ever written over others, and
    an epoch counts from the moment at which a new ``state.json`` takes the place of the old one.

    Parameters
    ----------
    folder : str or pathlib.Path
    settings : dict
        What must be the same for the training to go on; JSON values, ``"images"`` among them.
    **noted
        What may differ, and is noted beside each epoch; JSON values.

    Attributes
    ----------
    settings : dict
    history : list of dict
        Losses, ``"seconds"``, ``"processor_seconds"`` (of all cores together) and `noted` of each epoch.

    Raises
    ------
    ValueError
        If the folder holds a training with other settings.
    """

    def __init__(self, folder, settings, **noted):
        super().__init__()
        self.folder, self.settings, self.noted, self.history = Path(folder), settings, noted, []
        self.folder.mkdir(parents=True, exist_ok=True)
        self.file = self.folder / "state.json"
        if self.file.exists():
            state = json.loads(self.file.read_text(encoding="utf-8"))
            old, self.history = state["settings"], state["history"]
            differ = [k for k in {*old, *settings} if old.get(k) != settings.get(k)]
            if differ:
                changes = ", ".join(f"{k} was {old.get(k)}, is {settings.get(k)}" for k in sorted(differ))
                raise ValueError(
                    f"{self.folder} holds a training with other settings ({changes}). Go on with "
                    f"those, or choose another folder."
                )

    @property
    def best(self):
        """The epoch of the lowest validation loss, counted from 1; None if it never was a number."""
        losses = [(row["val_loss"], epoch) for epoch, row in enumerate(self.history, 1)]
        return min((pair for pair in losses if pair[0] == pair[0]), default=(None, None))[1]

    def restore(self, model):
        """Give `model`, compiled and its optimizer built, what the newest epoch left; return its number."""
        if self.history:
            model.load_weights(self._weights(len(self.history)))
        return len(self.history)

    def restore_best(self, model):
        """Give `model` the weights of the lowest validation loss."""
        if not self.best:
            raise ValueError(
                f"The validation loss was never a number, so {self.folder} holds no best weights. "
                f"Try a smaller learning rate, in another folder."
            )
        model.load_weights(self._weights(self.best))

    def on_epoch_begin(self, epoch, logs=None):
        self.start, self.start_cpu = time.perf_counter(), time.process_time()

    def on_epoch_end(self, epoch, logs=None):
        seconds, processor_seconds = time.perf_counter() - self.start, time.process_time() - self.start_cpu
        new = self._weights(epoch + 1)
        self.model.save_weights(new)
        _reach_the_disk(new)
        row = {name: float(value) for name, value in logs.items()}
        self.history.append(row | {"seconds": seconds, "processor_seconds": processor_seconds} | self.noted)
        state = json.dumps({"settings": self.settings, "history": self.history}, indent=1)
        part = self.file.with_name("part-" + self.file.name)
        part.write_text(state, encoding="utf-8")
        _reach_the_disk(part)
        os.replace(part, self.file)
        best = self._weights(self.best or epoch + 1)
        for old in {*self.folder.glob("epoch-*.weights.h5")} - {new, best}:
            os.remove(old)
        logs["images/s"] = self.settings["images"] / seconds  # for the callbacks that follow

    def _weights(self, epoch):
        return self.folder / f"epoch-{epoch:04d}.weights.h5"


def _reach_the_disk(path):
    """Wait until a file would survive the power going off."""
    with open(path, "rb+") as stream:
        os.fsync(stream.fileno())
