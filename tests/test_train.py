"""The training program: it can be killed at any moment, and says what it did."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time

import keras
import numpy as np
import pytest

from helpers import checkpoints
from helpers.checkpoints import Checkpoint
from helpers.models import build_autoencoder
from helpers.noise import add_gaussian, add_mixed
from helpers.train import main, options
from helpers.training import NoisyBatches, train

SMALL = ["--images=256", "--batch-size=16", "--filters", "4", "8", "--latent-dim=8", "--data=photos"]


def program(folder, *more):
    return [sys.executable, "-m", "helpers.train", *SMALL, f"--output={folder}", *more]


def weights(folder):
    model = build_autoencoder(filters=(4, 8), latent_dim=8)
    model.load_weights(folder / "with_skips.weights.h5")
    return np.concatenate([w.ravel() for w in model.get_weights()])


def test_a_killed_run_resumes_to_the_same_weights(tmp_path):
    """SIGKILL in the middle of an epoch, as the power going off; and once more after that."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    subprocess.run(program(whole, "--epochs=10"), check=True, capture_output=True)
    for epochs, more in ((2, []), (5, ["--resume"])):
        process = subprocess.Popen(
            program(broken, "--epochs=10", *more), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        log = broken / "log.csv"
        while not (log.exists() and len(log.read_text().splitlines()) > epochs):
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert not (broken / "with_skips.weights.h5").exists(), "it ended before it was killed"
    subprocess.run(program(broken, "--epochs=10", "--resume"), check=True, capture_output=True)
    np.testing.assert_allclose(weights(broken), weights(whole), atol=1e-5)
    histories = [json.loads((folder / "state.json").read_text())["history"] for folder in (whole, broken)]
    np.testing.assert_allclose(histories[0]["val_loss"], histories[1]["val_loss"], rtol=1e-3)
    assert len((broken / "log.csv").read_text().splitlines()) == 11


@pytest.mark.parametrize("moment", range(4))
def test_a_crash_while_writing_loses_at_most_the_epoch_in_hand(moment, tmp_path, monkeypatch, pictures):
    """Every replacement of a file, in turn, is the one at which the machine stops."""
    calls = []

    class Crash(BaseException):
        pass

    def replace(part, path):
        calls.append(path.name)
        if len(calls) == 5 + moment:  # the first epoch writes four files, the second these
            raise Crash
        os.rename(part, path)

    def run(epochs=3):
        keras.utils.set_random_seed(0)
        model = build_autoencoder(filters=(4,), latent_dim=4)
        noisy = add_gaussian(pictures, 0.1, np.random.default_rng(0))
        return train(
            model, pictures, (noisy, pictures), lambda x, rng: add_gaussian(x, 0.1, rng),
            epochs=epochs, batch_size=4, folder=tmp_path / "run",
        )

    monkeypatch.setattr(checkpoints.os, "replace", replace)
    with pytest.raises(Crash):
        run()
    monkeypatch.undo()
    state = json.loads((tmp_path / "run" / "state.json").read_text())
    assert 1 <= state["epochs"] <= 2
    assert (tmp_path / "run" / state["weights"]).exists()
    history = run()
    assert len(history["val_loss"]) == 3
    assert history["val_loss"][: state["epochs"]] == state["history"]["val_loss"]


TWO_DEVICES = """
import sys
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from helpers.train import main
main(sys.argv[1:])
"""


def test_two_devices_share_the_work_and_learn_the_same(tmp_path):
    """Two logical processors, each with half of every batch: the loss curve of one."""
    more = ["--epochs=4", "--images=512", "--noise=gaussian"]
    one, two = tmp_path / "one", tmp_path / "two"
    subprocess.run(program(one, *more), check=True, capture_output=True)
    arguments = [sys.executable, "-c", TWO_DEVICES, *program(two, *more)[3:]]
    done = subprocess.run(arguments, check=True, capture_output=True, text=True)
    assert "2 devices share each batch" in done.stdout
    curves = [np.array(json.loads((folder / "with_skips.json").read_text())["history"]["loss"]) for folder in (one, two)]
    assert curves[0][-1] < 0.8 * curves[0][0], "it did not learn"
    np.testing.assert_allclose(curves[1], curves[0], rtol=0.05)


def test_sixteen_bits_train_a_network_of_thirty_two(tmp_path):
    main([*SMALL, "--epochs=1", "--precision=mixed_bfloat16", f"--output={tmp_path}"])
    assert json.loads((tmp_path / "with_skips.json").read_text())["recipe"]["precision"] == "mixed_bfloat16"
    assert keras.config.dtype_policy().name == "float32"
    model = build_autoencoder(filters=(4, 8), latent_dim=8)
    model.load_weights(tmp_path / "with_skips.weights.h5")
    assert {w.dtype for w in model.get_weights()} == {np.dtype("float32")}


def test_weights_come_with_a_card_that_is_true(tmp_path, capsys):
    main([*SMALL, "--epochs=2", f"--output={tmp_path}", "--no-skips", "--noise=gaussian", "--level=0.2", "--seed=4"])
    card = json.loads((tmp_path / "without_skips.json").read_text())
    file = tmp_path / card["weights"]
    assert card["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert card["epochs_done"] == 2 and len(card["history"]["val_loss"]) == 2
    assert card["history"]["val_loss"][card["best_epoch"] - 1] == min(card["history"]["val_loss"])
    assert card["data"]["source"] == "photos"
    recipe = card["recipe"]
    assert (recipe["noise"], recipe["level"], recipe["seed"], recipe["skips"]) == ("gaussian", 0.2, 4, False)
    assert card["versions"]["keras"] == keras.__version__ and card["seconds"] > 0
    model = build_autoencoder(skips=False, filters=(4, 8), latent_dim=8)
    model.load_weights(file)
    printed = capsys.readouterr().out
    assert len(card["validation_psnr"]) == 6
    for name, pair in card["validation_psnr"].items():
        assert re.search(rf"{name} +noisy {pair['noisy']:.2f}, denoised {pair['denoised']:.2f}", printed)
    assert 19.5 < card["validation_psnr"]["gaussian 25/255"]["noisy"] < 22


def test_a_finished_or_foreign_training_is_never_overwritten(tmp_path, capsys):
    (tmp_path / "state.json").write_text(json.dumps({"settings": {"seed": 1}}))
    with pytest.raises(SystemExit):
        options([f"--output={tmp_path}"])
    assert "Add --resume" in capsys.readouterr().err
    with pytest.raises(ValueError, match="seed was 1, is 0"):
        Checkpoint(tmp_path, {"seed": 0})
    with pytest.raises(SystemExit):
        options([f"--output={tmp_path / 'empty'}", "--resume"])
    assert "leave --resume out" in capsys.readouterr().err


def test_a_finished_training_is_only_reported_again(tmp_path, capsys):
    finish = [*SMALL, "--epochs=1", f"--output={tmp_path}"]
    main(finish)
    before, _ = weights(tmp_path), capsys.readouterr()
    main([*finish, "--resume"])
    np.testing.assert_array_equal(weights(tmp_path), before)
    assert "epoch/s" not in capsys.readouterr().out


def test_a_training_that_only_gave_nan_says_so(tmp_path, pictures):
    model = build_autoencoder(filters=(4,), latent_dim=4)
    with pytest.raises(ValueError, match="never a number.*smaller learning rate"):
        train(model, pictures, (pictures, pictures), lambda x, rng: x * np.float32("nan"), epochs=1, folder=tmp_path)


def test_a_training_can_start_from_the_weights_of_another(tmp_path, capsys):
    main([*SMALL, "--epochs=1", f"--output={tmp_path / 'first'}"])
    weights = tmp_path / "first" / "with_skips.weights.h5"
    main([*SMALL, "--epochs=1", f"--output={tmp_path / 'second'}", f"--start-from={weights}"])
    first, second = (json.loads((tmp_path / run / "with_skips.json").read_text()) for run in ("first", "second"))
    assert second["recipe"]["started_from_sha256"] == first["sha256"]
    assert second["recipe"]["epochs_before"] == 1 and second["epochs_done"] == 1
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
                   "output", "resume"):
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


def test_fresh_noise_does_not_hold_training_up(capsys):
    """Images per second with fresh noise against ready-made noisy images, in turns; the best lap of each counts.

    Shared processors waver by more than the two differ, so the laps are short and go on until they are enough.
    """
    rng = np.random.default_rng(0)
    clean = rng.random((800, 32, 32, 3), dtype=np.float32)
    ready = {"fresh": lambda images, rng: add_mixed(images, rng), "ready-made": lambda images, rng: images}
    batches = {name: NoisyBatches(clean, add, 32) for name, add in ready.items()}
    model = build_autoencoder()
    model.compile("adam", loss="mse")
    speed = {name: 0.0 for name in batches}
    for lap in range(60):
        for name, data in batches.items():
            start = time.perf_counter()
            model.fit(data, epochs=1, shuffle=False, verbose=0)
            if lap:
                speed[name] = max(speed[name], len(clean) / (time.perf_counter() - start))
        if lap > 4 and speed["fresh"] >= 0.95 * speed["ready-made"]:
            break
    with capsys.disabled():
        print(f"\nimages/s after {lap} laps: with fresh noise {speed['fresh']:.0f}, "
              f"with ready-made {speed['ready-made']:.0f}")
    assert speed["fresh"] >= 0.95 * speed["ready-made"]
