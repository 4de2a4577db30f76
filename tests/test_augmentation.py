"""What the judge of a generator sees in its training: pictures moved and recoloured, with gradients of their own."""

import numpy as np
import tensorflow as tf

from narcissus.lab.generator import augmentation


def test_augmentation_does_nothing_at_0_and_something_to_each_at_1():
    images = tf.constant(np.random.default_rng(5).uniform(-1, 1, (6, 16, 16, 3)).astype(np.float32))
    np.testing.assert_allclose(augmentation.augmented(images, 0.0, tf.constant([1, 2])), images, atol=1e-6)
    changed = np.abs(augmentation.augmented(images, 1.0, tf.constant([1, 2])) - images).mean(axis=(1, 2, 3))
    assert changed.min() > 0.05


def test_a_moved_picture_is_reflected_at_its_edge():
    image = np.random.default_rng(6).uniform(-1, 1, (1, 8, 8, 3)).astype(np.float32)
    moved = augmentation._moved(tf.constant(image), tf.constant([[0.25], [-0.125]]))
    expected = np.pad(image, ((0, 0), (0, 2), (1, 0), (0, 0)), mode="reflect")[:, 2:, :8]
    np.testing.assert_allclose(moved, expected, atol=1e-6)


def test_augmentation_lets_gradients_through():
    images = tf.Variable(np.zeros((4, 16, 16, 3), np.float32))
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(augmentation.augmented(images, 0.9, tf.constant([3, 4])))
    assert np.abs(tape.gradient(total, images)).max() > 0.5
