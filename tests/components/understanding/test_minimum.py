"""The lowest place of functions whose lowest place is known."""

import numpy as np
import pytest

from components.understanding.minimum import lowest


@pytest.fixture
def bowl():
    """A badly scaled quadratic bowl, its lowest place, and where it was looked at."""
    chance = np.random.default_rng(0)
    turn, _ = np.linalg.qr(chance.normal(size=(30, 30)))
    curvature = (turn * np.logspace(0, 2, 30)) @ turn.T
    bottom = chance.normal(size=30)
    asked = []

    def function(place):
        asked.append(place)
        off = place.astype(np.float64) - bottom
        slope = curvature @ off
        return float(off @ slope / 2), slope.astype(np.float32)

    return function, bottom, asked


def test_finds_the_bottom_of_a_bowl(bowl):
    function, bottom, asked = bowl
    found = lowest(function, 30, tolerance=1e-3, most=200)
    np.testing.assert_allclose(found, bottom, atol=1e-3)
    assert len(asked) < 80  # steepest descent needs some hundreds


def test_stops_where_it_is_level_enough(bowl):
    function, _, asked = bowl
    rough = lowest(function, 30, tolerance=10.0, most=200)
    assert np.abs(function(rough)[1]).max() <= 10.0
    few = len(asked)
    lowest(function, 30, tolerance=1e-2, most=200)
    assert len(asked) - few > few


def test_takes_no_more_steps_than_it_may(bowl):
    function, _, asked = bowl
    lowest(function, 30, tolerance=0.0, most=3)
    assert len(asked) < 10


def test_ends_where_single_precision_sees_no_way_down(bowl):
    function, bottom, asked = bowl
    found = lowest(function, 30, tolerance=0.0, most=10_000)
    np.testing.assert_allclose(found, bottom, atol=1e-4)
    assert len(asked) < 1_000


def test_start_that_is_lowest_already_is_left():
    found = lowest(lambda place: (float(place @ place), 2 * place), 5, tolerance=1e-6, most=10)
    np.testing.assert_array_equal(found, np.zeros(5))


def test_full_step_that_would_overshoot_is_halved():
    def valley(place):
        off = 50 * place - 25
        return float(np.logaddexp(off, -off).sum()), (50 * np.tanh(off)).astype(np.float32)

    found = lowest(valley, 4, tolerance=1e-2, most=100)
    np.testing.assert_allclose(found, np.full(4, 0.5), atol=1e-3)
