import base64
import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from helpers import plotting


@pytest.fixture
def shown(monkeypatch):
    """What was displayed."""
    seen = []
    monkeypatch.setattr("IPython.display.display", seen.append)
    return seen


def test_a_figure_is_shown_once_with_alt_text_and_closed(shown):
    plt.close("all")  # what other tests of this worker have left
    figure, ax = plt.subplots()
    plotting.show(figure, 'A "quoted" < line\nover two')
    (picture,) = shown
    bundle = picture._repr_mimebundle_()
    assert 'alt="A &quot;quoted&quot; &lt; line over two"' in bundle["text/html"]
    assert Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))).format == "PNG"
    assert not plt.get_fignums()


def test_a_figure_without_alt_text_is_refused():
    with pytest.raises(ValueError, match="say in a sentence"):
        plotting.show(plt.figure(), "  ")
    plt.close("all")


@pytest.fixture
def axes(shown, monkeypatch):
    """Axes of the last figure, kept from being closed."""
    monkeypatch.setattr(plt, "close", lambda figure: None)
    yield lambda: plt.gcf().axes
    monkeypatch.undo()
    plt.close("all")


def test_all_images_share_one_brightness_scale(axes, pictures):
    plotting.show_images({"bright": pictures[0], "dim": pictures[0] / 10}, alt="two")
    assert [ax.images[0].get_clim() for ax in axes()] == [(0, 1), (0, 1)]


def test_a_batch_becomes_a_column(axes, pictures):
    plotting.show_images({"a": pictures[:3], "b": pictures[3:6]}, alt="six")
    grid = np.array(axes()).reshape(3, 2)
    assert [[ax.get_title() for ax in row] for row in grid] == [["a", "b"], ["", ""], ["", ""]]
    np.testing.assert_array_equal(grid[2, 1].images[0].get_array(), pictures[5])


def test_rows_are_broken_after_the_columns_asked_for(axes, pictures):
    plotting.show_images({str(i): pictures[i] for i in range(6)}, alt="six", columns=3)
    assert [ax.get_title() for ax in axes()] == list("012345")
    np.testing.assert_array_equal(axes()[4].images[0].get_array(), pictures[4])


def test_images_out_of_range_are_refused_by_title(pictures):
    with pytest.raises(ValueError, match="'denoised' span"):
        plotting.show_images({"denoised": pictures * 2}, alt="x")


def test_history_marks_the_best_epoch(axes):
    history = {"loss": [3, 2, 1], "val_loss": [3.0, 1.0, 2.0], "best_epoch": 2}
    plotting.show_history({"with skips": history}, noisy_level=2.5)
    star = next(line for line in axes()[0].lines if line.get_marker() == "*")
    assert (star.get_xdata()[0], star.get_ydata()[0]) == (2, 1.0)


def test_examples_show_something_and_are_of_different_labels(pictures, rng):
    flat = np.full((2, 32, 32, 3), 0.5, dtype=np.float32)
    fur = rng.uniform(0.4, 0.6, (1, 32, 32, 3)).astype(np.float32)  # busy, and the same all over
    images = np.concatenate([flat, fur, pictures])
    labels = np.array([0, 1, 2] + [0, 0, 0, 1, 1, 2, 2, 2])
    chosen = plotting.pick_examples(images, labels, count=3)
    assert sorted(labels[chosen]) == [0, 1, 2] and all(chosen >= 3)
    assert sorted(plotting.pick_examples(images, labels, count=11)) == list(range(11))


def test_examples_of_one_label_differ(pictures):
    images = np.concatenate([pictures, 1 - pictures[:1]])
    assert plotting.pick_examples(images, np.zeros(9, int), count=2).tolist().count(8) == 1


def test_text_in_figures_is_at_least_11_points():
    sizes = {name: value for name, value in plotting.STYLE.items() if name.endswith("size") and "fig" not in name}
    assert sizes and min(sizes.values()) >= 11
    with plt.rc_context():
        plt.rcParams.update(plotting.STYLE)
        _, ax = plt.subplots()
        assert all(label.get_fontsize() >= 11 for label in ax.get_xticklabels())
    plt.close("all")


def test_colours_can_be_told_apart_without_red_and_green():
    """Worst case of the three kinds of colour blindness, Machado et al. 2009, severity 1."""
    simulate = {
        "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    }
    from matplotlib.colors import to_rgb
    from skimage.color import rgb2lab

    main = [plotting.COLOURS[name] for name in ("clean", "noisy", "with skips", "without skips")]
    rgb = np.array([to_rgb(colour) for colour in main])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    for matrix in simulate.values():
        seen = np.clip(linear @ np.array(matrix).T, 0, 1)
        seen = np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055)
        lab = rgb2lab(seen[None])[0]
        distance = np.linalg.norm(lab[:, None] - lab[None], axis=-1)
        assert distance[np.triu_indices(len(main), 1)].min() > 20
