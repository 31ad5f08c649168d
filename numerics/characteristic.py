r"""The population loss at any size, as Fourier series against characteristic functions.

Output i sees :math:`z = b + g x_i + y` with :math:`y = \sum_{j \neq i} a_j x_j`.  Its loss is
:math:`E\,h(b + y)` with its own feature active and :math:`E\,(b + y)_+^2` without, h as in
:mod:`numerics.amplitudes`, so it is a combination of :math:`E\,F_q(c + y)`, :math:`F_q =
(\cdot)_+^q`.  Where :math:`|c + y| \le L` a smooth window makes :math:`F_q` periodic with period
:math:`2\lambda L`, and with :math:`\omega_k = \pi k/\lambda L`

.. math::

    F_q(z) = L^q \sum_k \hat c_{q,k} e^{i\omega_k z}, \qquad
    E\,F_q(c + y) = L^q \sum_k \hat c_{q,k} e^{i\omega_k c}\, E\,e^{i\omega_k y},

with universal coefficients and characteristic functions that are products over independent blocks
(:mod:`numerics.independent_blocks`).  A gain g that is small beside the range of y is averaged
under the series (waves of the own feature), a large one by the terms of h, so no small number is a
divisor.

**Atoms.**  If no neighbour is active, y is 0, and if only small couplings are, nearly so: terms
fall off only once :math:`\omega` exceeds the inverse of a coupling.  Therefore couplings are sorted
by size into levels, a factor of 16 each.  Let :math:`Q_l` be the characteristic function with only
couplings of level l and beyond allowed to be active; then

.. math::

    E\,f(y) = \sum_l \langle f, Q_l - Q_{l+1} \rangle + \langle f, Q_\infty \rangle,

and in each difference a coupling of level l is active, while the window needs to hold only that
level's range.  :math:`Q_\infty` keeps couplings below 1e-8 of the row (exact zeros: orthogonal or
dropped features) and is a Taylor polynomial of second order.  Where no threshold lies in the range
of y, :math:`F_q` is a polynomial and its mean a sum of moments, also level by level.

**Range.**  For many features the range of y is cut where Chernoff's bound, with the exact moment
generating function, leaves less than the tolerance.

**Accuracy.**  Modes are doubled until an estimate is below what is asked for, or there are no more.
It is the root of the sum of squares of the last octave of terms (terms out of phase) plus the
modulus of their sum (in phase, as when a bias of 0 puts the threshold on a corner of the range).
With continuous amplitudes terms fall off at least as :math:`k^{-3}` (a gain g that is tiny while
the couplings are not; else :math:`k^{-4}`), so what is left is about a sixth of the one and
a third of the other, and that is the estimate; with binary ones they need not fall in every octave,
and it is the whole.  Rounding is added.
"""

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from theory.laws import FeatureLaw

from .amplitudes import MOMENTS, endpoint_terms, own_curvature, own_loss, wave
from .coefficients import PERIOD, coefficients
from .independent_blocks import Neighbours, first_total
from .levels import Level, split_levels
from .recomputed import Job, recomputed_sum

__all__ = ["most_modes", "row_losses", "series_loss"]

_FEWEST_MODES = 64
_CHUNK = 300_000  # complex numbers in one array


def most_modes(n: int) -> int:
    """Return the largest number of modes used for n features."""
    return int(min(2**14, max(2**11, 2 ** (21 - (n - 1).bit_length()))))


@dataclass(frozen=True, slots=True)
class _Series:
    """One level of a batch of outputs, with the number of modes it takes (0: only polynomials)."""

    level: Level
    amplitude: str
    modes: int

    def regimes(self, g: Tensor, b: Tensor) -> tuple[Tensor, ...]:
        """Return, for the active own feature, masks: shut, never clipped, g small; and L."""
        low, high = self.level.low, self.level.high
        width, size = high - low, g.abs()
        if self.amplitude == "binary":
            shut, linear = b + g + high <= 0, b + g + low >= 0
            small = torch.zeros_like(shut)
        else:
            below = -size if self.amplitude == "signed" else g.clamp_max(0.0)
            above = size if self.amplitude == "signed" else g.clamp_min(0.0)
            shut, linear = b + above + high <= 0, b + below + low >= 0
            small = ~shut & ~linear & (size < width / 4)
        own = 2 * size if self.amplitude == "signed" else size
        return shut, linear, small, torch.where(small, width + own, width)

    def needed(self, g: Tensor, b: Tensor) -> Tensor:
        """Return which outputs have a threshold in their range."""
        shut, linear, _, _ = self.regimes(g, b)
        return (~shut & ~linear) | ((b + self.level.low < 0) & (b + self.level.high > 0))

    def __call__(self, a: Tensor, g: Tensor, b: Tensor) -> Tensor:
        """Return what this level adds to the losses (R,)."""
        return self.evaluate(a, g, b)[0]

    def evaluate(self, a: Tensor, g: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        """Return what this level adds to the losses, and an estimate of its error, (R,)."""
        moment = MOMENTS[self.amplitude]
        shut, linear, small, L = (x.detach() for x in self.regimes(g, b))
        low, high = self.level.low, self.level.high
        on, off = self.level.moments(a, self.amplitude)
        k = 1 - g
        square = b**2 * on[0] + 2 * b * on[1] + on[2]
        never = moment[2] * (k**2 - 1) * on[0] - 2 * k * moment[1] * (b * on[0] + on[1]) + square
        value = moment[2] * on[0] + torch.where(linear, never, 0.0)
        above, inside = _place(b.detach(), low, high)
        value = value + torch.where(above, b**2 * off[0] + 2 * b * off[1] + off[2], 0.0)
        ends = ~(shut | linear | small)
        gain = torch.where(ends, g, 1.0)
        terms = []
        for q, sign, coefficient in endpoint_terms(gain, self.amplitude):
            c = b + sign * g
            over, within = _place(c.detach(), low, high)
            mean = sum(math.comb(q, r) * c ** (q - r) * on[r] for r in range(q + 1))
            value = value + torch.where(ends & over, coefficient * mean, 0.0)
            terms.append((q, c, torch.where(ends & within, coefficient, 0.0)))
        if not self.modes:
            return value, torch.zeros_like(value)
        c0, c1, c2, c3 = coefficients(self.modes, a.device)[:, :, None]
        hat = (c0, c1 * L, c2 * L**2, c3 * L**3)
        omega = torch.arange(self.modes + 1, dtype=a.dtype, device=a.device)[:, None]
        omega = omega * (math.pi / PERIOD) / L
        phi_on, phi_off = self.level.characteristic(wave(omega * a[:, None], 0, self.amplitude))
        zero = torch.zeros_like(omega)
        turn = torch.exp(torch.complex(zero, omega * b))
        amplitude_off = hat[2] * turn * inside
        amplitude_on = torch.zeros_like(turn)
        if bool(small.any()):
            u0, u1 = (wave(omega * torch.where(small, g, 0.0), r, self.amplitude) for r in (0, 1))
            amplitude_on = turn * small * (hat[2] * u0 - 2 * hat[1] * u1)
        for q, c, coefficient in terms:
            if bool((coefficient != 0).any()):
                around = torch.exp(torch.complex(zero, omega * c))
                amplitude_on = amplitude_on + coefficient * hat[q] * around
        waves = phi_on * amplitude_on + phi_off * amplitude_off
        octave = waves.detach()[self.modes // 2 + 1 :]
        scattered = first_total(octave.real**2 + octave.imag**2).sqrt()
        together = first_total(octave).abs()
        if self.amplitude != "binary":
            scattered, together = scattered / 6, together / 3
        error = scattered + together
        return value + first_total(waves.real), error


def _place(c: Tensor, low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
    """Return whether c + y is never negative, and whether it takes both signs."""
    return c + low >= 0, (c + low < 0) & (c + high > 0)


@dataclass(frozen=True, slots=True)
class _Taylor:
    """What is left when only negligible couplings may be active, to second order in them."""

    level: Level
    amplitude: str

    def __call__(self, a: Tensor, g: Tensor, b: Tensor) -> Tensor:
        on, off = self.level.moments(a, self.amplitude)
        slope, curve = own_curvature(b, g, self.amplitude)
        rectified = b.clamp_min(0.0)
        value = own_loss(b, g, self.amplitude) * on[0] + slope * on[1] + curve / 2 * on[2]
        value = value + rectified**2 * off[0] + 2 * rectified * off[1]
        return value + torch.where(b > 0, off[2], 0.0)


def _added(value: Tensor, inputs: tuple[Tensor, ...], rows: Tensor, term: _Series | _Taylor) -> Job:
    """Add a term to the values of its rows; return it as a job."""
    value[rows] += term(*(x[..., rows] for x in inputs))
    return Job(rows, term)


def row_losses(
    a: Tensor, g: Tensor, b: Tensor, neighbours: Neighbours, amplitude: str, tolerance: Tensor
) -> tuple[Tensor, Tensor]:
    """Return E(x_i − (z_i)_+)² of a batch of outputs and estimates of the errors, (R,).

    Parameters
    ----------
    a
        Couplings to all features, (n, R), 0 at the output's own.
    g, b
        Coupling to the own feature and bias, (R,).
    neighbours, amplitude
        The law.
    tolerance
        Wanted accuracy, (R,).

    Returns
    -------
    tuple
        Losses, twice differentiable in a, g and b; error estimates, without gradient.
    """
    inputs = (a, g, b)
    with torch.no_grad():
        levels, last = split_levels(a, g, neighbours, amplitude, tolerance)
        value, error = torch.zeros_like(b), torch.zeros_like(b)
        jobs: list[Job] = []
        parts = torch.zeros_like(b)
        for level in levels:
            parts[level.rows] += 1
        for level in levels:
            rows = level.rows
            need = _Series(level, amplitude, 0).needed(g[rows], b[rows])
            size = (level.high - level.low + g[rows].abs() + b[rows].abs()) ** 2
            error[rows] += level.neglected * size + 1e-15 * size * level.weight
            for part in torch.split((~need).nonzero()[:, 0], max(1, _CHUNK // len(a))):
                series = _Series(level.take(part), amplitude, 0)
                jobs.append(_added(value, inputs, series.level.rows, series))
            share = tolerance[rows] / parts[rows]
            modes = torch.where(need, _FEWEST_MODES, 0)
            while bool((modes > 0).any()):
                now = int(modes[modes > 0].min())
                final = 2 * now > most_modes(len(a))
                for part in torch.split(
                    (modes == now).nonzero()[:, 0], max(1, _CHUNK // (len(a) * now))
                ):
                    series = _Series(level.take(part), amplitude, now)
                    columns = series.level.rows
                    found, miss = series.evaluate(*(x[..., columns] for x in inputs))
                    good = (miss <= share[part]) | final
                    value[columns[good]] += found[good]
                    error[columns[good]] += miss[good]
                    steps = ((miss / share[part]).log2() / 4).ceil().clamp(1, 8)
                    after = (now * 2 ** steps.to(torch.int64)).clamp_max(most_modes(len(a)))
                    modes[part] = torch.where(good, 0, after)
                    if bool(good.any()):
                        done = replace(series, level=level.take(part[good]))
                        jobs.append(Job(done.level.rows, done))
        for part in torch.split(last.rows, max(1, _CHUNK // len(a))):
            jobs.append(_added(value, inputs, part, _Taylor(last.take(part), amplitude)))
        q = torch.where(neighbours.own, neighbours.q, 0.0).sum(0)
        atoms = b.clamp_min(0.0) ** 2 + (1 + g.abs() + b.abs()) ** 2 * q
        error += 1e-15 * atoms
    return recomputed_sum(value, jobs, *inputs), error


def series_loss(
    M: Tensor, b: Tensor, q: Tensor, importance: Tensor, law: FeatureLaw, rtol: float
) -> tuple[Tensor, Tensor]:
    """Return the losses (B,) of models ReLU(M x + b) and error estimates (B,).

    Parameters
    ----------
    M, b
        Couplings (B, n, n) and biases (B, n); twice differentiable in both.
    q
        Marginals P(x_i ≠ 0), (B, n).
    importance
        (B, n).
    law
        Any but one-hot.
    rtol
        Wanted accuracy in units of Σ I E x².
    """
    B, n = b.shape
    if not B:
        return (importance * b).sum(1) + 0 * M.sum((1, 2)), b.new_zeros(0)
    own = torch.eye(n, dtype=torch.bool, device=b.device).repeat(1, B)
    a = M.permute(2, 0, 1).reshape(n, B * n).masked_fill(own, 0.0)
    g = M.diagonal(dim1=1, dim2=2).reshape(-1)
    unit = first_total((importance * q).T)[:, None] * MOMENTS[law.amplitude][2]
    share = importance.clamp_min(importance.amax(1, keepdim=True) * 1e-12) * n
    neighbours = Neighbours(law, q.repeat_interleave(n, 0).T.contiguous(), own)
    tolerance = (rtol * unit / share).where(share > 0, 1.0).reshape(-1)
    value, error = row_losses(a, g, b.reshape(-1), neighbours, law.amplitude, tolerance)
    value, error = value.reshape(B, n), error.reshape(B, n)
    return first_total((importance * value).T), first_total((importance * error).T)
