"""The cost of a shared direction, against the exact loss and against samples."""

from fractions import Fraction

import numpy as np
import pytest
import sympy

from theory import population_loss
from theory.pair_interference import pair_interference

PYTHAGOREAN = [Fraction(3, 5), Fraction(-3, 5), Fraction(5, 13), Fraction(-4, 5)]


@pytest.mark.parametrize("c", PYTHAGOREAN)
@pytest.mark.parametrize("p", [Fraction(1), Fraction(1, 3), Fraction(1, 50)])
def test_it_is_the_exact_loss_of_two_features(c, p):
    sine = {3: Fraction(4, 5), 4: Fraction(3, 5), 5: Fraction(12, 13)}[abs(c.numerator)]
    loss = population_loss([[1, c], [0, sine]], [0, 0], p)
    assert sympy.nsimplify(loss) == 2 * sympy.nsimplify(pair_interference(p, c))


@pytest.mark.parametrize("c", [-1, 1])
def test_two_features_in_one_dimension(c):
    p = sympy.Symbol("p", positive=True)
    loss = population_loss([[1, c]], [0, 0], p)
    assert sympy.expand(loss - 2 * pair_interference(p, c)) == 0


@pytest.mark.parametrize("readout", ["relu", "linear"])
@pytest.mark.parametrize("given", ["nothing", "i on", "both on"])
@pytest.mark.parametrize("c", [-0.7, 0.4])
def test_samples_agree(readout, given, c):
    rng = np.random.default_rng(5)
    p, samples = 0.3, 400_000
    x, y = rng.random((2, samples))
    on_x, on_y = rng.random((2, samples)) < p
    on_x |= given != "nothing"
    on_y |= given == "both on"
    x, y = x * on_x, y * on_y
    read = x + c * y
    square = ((np.maximum(read, 0) if readout == "relu" else read) - x) ** 2
    error = square.std() / np.sqrt(samples)
    assert abs(square.mean() - pair_interference(p, c, readout=readout, given=given)) < 4.5 * error


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ({"density": 2, "cosine": 0}, "density must be in"),
        ({"density": 0.5, "cosine": -1.1}, "cosine must be in"),
        ({"density": 0.5, "cosine": 0, "readout": "tanh"}, "choose relu or linear"),
        ({"density": 0.5, "cosine": 0, "given": "j"}, "choose nothing"),
    ],
)
def test_wrong_arguments_are_named(arguments, part):
    with pytest.raises(ValueError, match=part):
        pair_interference(**arguments)
