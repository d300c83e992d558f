"""Plumbing for the notebooks; what a lesson is about stands in the notebook itself.

Conventions, the same in every module:

* ``images`` are float32 in [0, 1], of shape (N, 32, 32, 3), channels last, unless a name says
  otherwise; a single image is (32, 32, 3). ``clean``, ``noisy`` and ``denoised`` mean just that.
* ``sigma`` (standard deviation) and ``amount`` (share of the pixels) are on that [0, 1] scale.
* Whatever is drawn at random is drawn from a ``numpy.random.Generator`` that the caller passes.

=========== =============================================================
data        where the images come from, and how they are split
images      the one picture format, and its check
quiet       Keras without TensorFlow's start-up messages, and a faster start
noise       Gaussian and salt-and-pepper noise
models      the autoencoder, with and without skip connections
training    one function that trains it, and the SSIM loss
checkpoints what a long training keeps on disk, so that it can go on after a crash
train       the full recipe as a program: python -m helpers.train
filters     classical filters to compare with, and how to tune them
tiles       a photo of any size, through a network of small pictures
metrics     PSNR and SSIM, one value an image
plotting    one style, one palette, figures with alt text
check       what is said to predictions and to answers of exercises, a module for each lesson
panel       the residual slider, with widgets
present     that panel alone, as a page for a lecture: python -m helpers.present
=========== =============================================================
"""
