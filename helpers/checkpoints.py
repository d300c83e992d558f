"""What a long training leaves on disk, written so that a crash at any moment loses nothing."""

import csv
import json
import os
import time
from pathlib import Path

import helpers.quiet  # noqa: F401  before Keras
import keras


def write_whole(path, write):
    """Write a file in one step: a reader finds the old one or the new one, never half of one.

    Parameters
    ----------
    path : pathlib.Path
    write : callable
        ``write(part)`` writes the content to the path `part`, which has the same ending.
    """
    part = path.with_name("part-" + path.name)
    write(part)
    with open(part, "rb+") as stream:
        os.fsync(stream.fileno())
    os.replace(part, path)


class Checkpoint(keras.callbacks.Callback):
    """Keep a training in a folder, one epoch at a time, and take it up again from there.

    The folder holds ``state.json`` (settings, history, and the name of the newest weights),
    ``epoch-NNNN.weights.h5`` (weights and optimizer), ``best.weights.h5`` (the weights of the lowest
    validation loss) and ``log.csv`` (a line an epoch). The state is replaced last: until then
    everything that the old one names is still there.

    Parameters
    ----------
    folder : str or pathlib.Path
    settings : dict
        What must be the same for the training to go on; JSON values.

    Raises
    ------
    ValueError
        If the folder holds a training with other settings.
    """

    def __init__(self, folder, settings):
        super().__init__()
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.state = {"settings": settings, "epochs": 0, "weights": None, "history": {}}
        file = self.folder / "state.json"
        if file.exists():
            self.state = json.loads(file.read_text(encoding="utf-8"))
            old = self.state["settings"]
            differ = [k for k in {*old, *settings} if old.get(k) != settings.get(k)]
            if differ:
                changes = ", ".join(f"{k} was {old.get(k)}, is {settings.get(k)}" for k in sorted(differ))
                raise ValueError(
                    f"{self.folder} holds a training with other settings ({changes}). Go on with "
                    f"those, or choose another folder."
                )

    def restore(self, model):
        """Give the compiled `model` the newest weights and optimizer state; return its epochs."""
        if self.state["weights"]:
            model.optimizer.build(model.trainable_variables)
            model.load_weights(self.folder / self.state["weights"])
        return self.state["epochs"]

    def restore_best(self, model):
        """Give `model` the weights of the lowest validation loss."""
        best = self.folder / "best.weights.h5"
        if not best.exists():
            raise ValueError(
                f"The validation loss was never a number, so {self.folder} holds no best weights. "
                f"Try a smaller learning rate, in another folder."
            )
        model.load_weights(best)

    def on_epoch_begin(self, epoch, logs=None):
        self.start, self.start_cpu = time.perf_counter(), time.process_time()

    def on_epoch_end(self, epoch, logs=None):
        values = {name: float(value) for name, value in logs.items()}
        values["seconds"] = time.perf_counter() - self.start
        values["processor_seconds"] = time.process_time() - self.start_cpu
        history = self.state["history"]
        if values["val_loss"] < min(history.get("val_loss", [float("inf")])):
            write_whole(self.folder / "best.weights.h5", self.model.save_weights)
        name = f"epoch-{epoch + 1:04d}.weights.h5"
        write_whole(self.folder / name, self.model.save_weights)
        history = {key: [*history.get(key, []), value] for key, value in values.items()}
        self.state |= {"epochs": epoch + 1, "weights": name, "history": history}
        text = json.dumps(self.state, indent=1)
        write_whole(self.folder / "state.json", lambda part: part.write_text(text, encoding="utf-8"))
        write_whole(self.folder / "log.csv", self._write_log)
        for old in self.folder.glob("epoch-*.weights.h5"):
            if old.name != name:
                old.unlink()

    def _write_log(self, part):
        history = self.state["history"]
        with open(part, "w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(["epoch", *history])
            writer.writerows([i, *row] for i, row in enumerate(zip(*history.values()), 1))
