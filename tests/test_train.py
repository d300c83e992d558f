"""The training program: it can be killed at any moment, and says what it did."""

import contextlib
import hashlib
import io
import json
import os
import re
import subprocess
import sys

import keras
import numpy as np
import pytest

from helpers import checkpoints
from helpers.checkpoints import Checkpoint
from helpers.models import build_autoencoder
from helpers.noise import add_mixed
from helpers.train import main, options
from helpers.training import compile_denoiser

SMALL = ["--images=512", "--batch-size=16", "--filters", "4", "8", "--latent-dim=8", "--data=photos"]
RECIPE = [*SMALL, "--epochs=4", "--noise=gaussian", "--level=0.2", "--seed=4"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A training by RECIPE that nothing interrupted, and what it printed."""
    folder, printed = tmp_path_factory.mktemp("whole"), io.StringIO()
    with contextlib.redirect_stdout(printed):
        main([*RECIPE, f"--output={folder}"])
    return folder, printed.getvalue()


def weights(folder, skips=True):
    model = build_autoencoder(skips, filters=(4, 8), latent_dim=8)
    model.load_weights(folder / f"{model.name}.weights.h5")
    return np.concatenate([w.ravel() for w in model.get_weights()])


def read(file):
    return json.loads(file.read_text(encoding="utf-8"))


DIES_IN_THE_THIRD_EPOCH = """
import os, sys
from helpers import train

class Mortal(train.Checkpoint):
    def on_train_batch_end(self, batch, logs=None):
        if (len(self.history), batch) == (2, 3):
            os._exit(9)

train.Checkpoint = Mortal
train.main(sys.argv[1:])
"""


def test_a_killed_run_resumes_to_the_same_weights(whole, tmp_path):
    arguments = [*RECIPE, f"--output={tmp_path}"]
    died = subprocess.run([sys.executable, "-c", DIES_IN_THE_THIRD_EPOCH, *arguments], capture_output=True, encoding="utf-8")
    assert died.returncode == 9, died.stderr
    assert len(read(tmp_path / "state.json")["history"]) == 2
    main([*arguments, "--resume"])
    np.testing.assert_allclose(weights(tmp_path), weights(whole[0]), atol=1e-5)
    broken, unbroken = (read(folder / "with_skips.json")["history"]["val_loss"] for folder in (tmp_path, whole[0]))
    assert len(broken) == 4
    np.testing.assert_allclose(broken, unbroken, rtol=1e-3)


# ---------------------------------------------------------------- what is on the disk


class Epochs:
    """Epochs without a training: in epoch n each weight is n."""

    def __init__(self, folder):
        self.model = build_autoencoder(filters=(4,), latent_dim=4)
        compile_denoiser(self.model, 10, 1e-3, "mse")
        self.folder = folder
        self.open()

    def open(self):
        """A new process: nothing is known but what the folder holds."""
        self.keep = Checkpoint(self.folder, {"images": 8})
        self.keep.set_model(self.model)

    def run(self, *losses):
        for loss in losses:
            epoch = len(self.keep.history)
            self.model.set_weights([np.full_like(w, epoch + 1) for w in self.model.get_weights()])
            self.keep.on_epoch_begin(epoch)
            self.keep.on_epoch_end(epoch, {"loss": loss, "val_loss": loss})

    def now(self):
        """The epoch whose weights the model has."""
        (epoch,) = {value for w in self.model.get_weights() for value in w.ravel()}
        return epoch


@pytest.mark.parametrize("moment", range(4))
def test_a_crash_while_writing_loses_at_most_the_epoch_in_hand(moment, tmp_path, monkeypatch):
    """The machine stops at each thing that the second epoch does to the disk, in turn; of weights half is written."""
    epochs, calls = Epochs(tmp_path), []
    epochs.run(0.5)

    class Crash(BaseException):
        pass

    def may_crash(name, act):
        def instead(*arguments):
            calls.append(name)
            if len(calls) == moment + 1:
                if name == "fsync":
                    os.ftruncate(arguments[0], 100)
                raise Crash
            act(*arguments)

        return instead

    for name in ("fsync", "replace", "remove"):
        monkeypatch.setattr(checkpoints.os, name, may_crash(name, getattr(os, name)))
    with pytest.raises(Crash):
        epochs.run(0.4)
    monkeypatch.undo()
    assert calls == ["fsync", "fsync", "replace", "remove"][: moment + 1]
    epochs.open()
    done = epochs.keep.restore(epochs.model)
    assert done == epochs.now() == len(epochs.keep.history) == (2 if calls[-1] == "remove" else 1)
    epochs.keep.restore_best(epochs.model)
    assert epochs.now() == done
    epochs.run(0.3)
    assert [path.name for path in tmp_path.glob("*.h5")] == [f"epoch-{done + 1:04d}.weights.h5"]


def test_the_newest_and_the_best_epoch_stay(tmp_path):
    epochs = Epochs(tmp_path)
    epochs.run(0.5, 0.3, 0.4, float("nan"))
    epochs.open()
    assert epochs.keep.restore(epochs.model) == epochs.now() == 4
    epochs.keep.restore_best(epochs.model)
    assert epochs.now() == epochs.keep.best == 2
    assert len(list(tmp_path.glob("*.h5"))) == 2


def test_a_training_that_only_gave_nan_says_so(tmp_path):
    epochs = Epochs(tmp_path)
    epochs.run(float("nan"), float("nan"))
    with pytest.raises(ValueError, match="never a number.*smaller learning rate"):
        epochs.keep.restore_best(epochs.model)


def test_a_finished_or_foreign_training_is_never_overwritten(tmp_path, capsys):
    (tmp_path / "state.json").write_text(json.dumps({"settings": {"seed": 1}, "history": []}), encoding="utf-8")
    with pytest.raises(SystemExit):
        options([f"--output={tmp_path}"])
    assert "Add --resume" in capsys.readouterr().err
    with pytest.raises(ValueError, match="seed was 1, is 0"):
        Checkpoint(tmp_path, {"seed": 0})
    with pytest.raises(SystemExit):
        options([f"--output={tmp_path / 'empty'}", "--resume"])
    assert "leave --resume out" in capsys.readouterr().err


# ---------------------------------------------------------------- the program

TWO_DEVICES = """
import sys
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from helpers.train import main
main(sys.argv[1:])
"""


def test_two_devices_share_the_work_and_learn_the_same(whole, tmp_path):
    """Two logical processors, each with half of every batch: the loss curve of one."""
    arguments = [sys.executable, "-c", TWO_DEVICES, *RECIPE, f"--output={tmp_path}"]
    done = subprocess.run(arguments, check=True, capture_output=True, encoding="utf-8")
    assert "2 devices share each batch" in done.stdout
    one, two = (read(folder / "with_skips.json")["history"]["loss"] for folder in (whole[0], tmp_path))
    assert one[-1] < 0.8 * one[0], "it did not learn"
    np.testing.assert_allclose(two, one, rtol=0.05)


def test_a_training_in_sixteen_bits_can_end_in_thirty_two(tmp_path, monkeypatch):
    def stop(self, epoch, logs=None):
        begin(self, epoch, logs)
        if epoch == 1:
            raise KeyboardInterrupt

    begin = Checkpoint.on_epoch_begin
    arguments = [*SMALL, "--images=64", "--epochs=2", "--no-skips", f"--output={tmp_path}"]
    monkeypatch.setattr(Checkpoint, "on_epoch_begin", stop)
    with pytest.raises(KeyboardInterrupt):
        main([*arguments, "--precision=mixed_bfloat16"])
    monkeypatch.undo()
    assert keras.config.dtype_policy().name == "float32"
    main([*arguments, "--resume"])
    card = read(tmp_path / "without_skips.json")
    assert card["recipe"]["precision"] == "mixed_bfloat16, float32" and card["epochs_done"] == 2
    assert weights(tmp_path, skips=False).dtype == np.float32


def test_weights_come_with_a_card_that_is_true(whole):
    folder, printed = whole
    card = read(folder / "with_skips.json")
    file = folder / card["weights"]
    assert card["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert card["epochs_done"] == 4 and len(card["history"]["val_loss"]) == 4
    assert card["history"]["val_loss"][card["best_epoch"] - 1] == min(card["history"]["val_loss"])
    assert card["data"]["source"] == "photos"
    recipe = card["recipe"]
    assert (recipe["noise"], recipe["level"], recipe["seed"], recipe["skips"]) == ("gaussian", 0.2, 4, True)
    assert recipe["precision"] == "float32"
    assert card["versions"]["keras"] == keras.__version__ and card["seconds"] > 0 and card["processor_seconds"] > 0
    assert len(card["validation_psnr"]) == 6
    for name, pair in card["validation_psnr"].items():
        assert re.search(rf"{name} +noisy {pair['noisy']:.2f}, denoised {pair['denoised']:.2f}", printed)
    assert 19.5 < card["validation_psnr"]["gaussian 25/255"]["noisy"] < 22


def test_a_finished_training_is_only_reported_again(whole, capsys):
    folder, printed = whole
    before = weights(folder)
    main([*RECIPE, f"--output={folder}", "--resume"])
    np.testing.assert_array_equal(weights(folder), before)
    again = capsys.readouterr().out
    assert "epoch/s" in printed and "epoch/s" not in again
    assert again.splitlines()[-6:] == printed.splitlines()[-6:]


def test_a_training_can_start_from_the_weights_of_another(whole, tmp_path, capsys):
    file = whole[0] / "with_skips.weights.h5"
    main([*RECIPE, "--epochs=1", f"--output={tmp_path}", f"--start-from={file}"])
    first, second = (read(folder / "with_skips.json") for folder in (whole[0], tmp_path))
    assert second["recipe"]["started_from_sha256"] == first["sha256"]
    assert second["recipe"]["epochs_before"] == 4 and second["epochs_done"] == 1
    assert second["recipe"]["processor_seconds_before"] == first["processor_seconds"]
    assert second["history"]["loss"][0] < 0.9 * first["history"]["loss"][0]
    with pytest.raises(SystemExit):
        options(["--start-from=nothing.weights.h5", f"--output={tmp_path / 'third'}"])
    assert "there is no file nothing.weights.h5" in capsys.readouterr().err


def test_help_explains_every_option(capsys):
    with pytest.raises(SystemExit):
        options(["--help"])
    text = " ".join(capsys.readouterr().out.split())
    for option in ("skips", "noise", "level", "epochs", "images", "batch-size", "learning-rate", "seed", "data",
                   "output", "resume", "start-from", "precision"):
        assert f"--{option}" in text
    assert "(default: 100)" in text


def test_mixed_noise_covers_both_kinds_and_all_levels(rng):
    grey = np.full((2000, 16, 16, 3), 0.5, dtype=np.float32)
    noisy = add_mixed(grey, rng)
    extreme = ((noisy == 0) | (noisy == 1)).all(axis=-1).mean(axis=(1, 2))  # share of salt and pepper
    spread = noisy.std(axis=(1, 2, 3))
    specks = (noisy == 0.5).all(axis=-1).mean(axis=(1, 2)) > 0.5  # most pixels untouched
    assert 0.45 < specks.mean() < 0.55
    assert spread[~specks].max() > 0.22 and spread[~specks].min() < 0.01
    assert extreme[specks].max() > 0.22 and extreme[specks].mean() == pytest.approx(0.125, abs=0.01)
    assert spread[~specks].mean() == pytest.approx(0.125, abs=0.01)
