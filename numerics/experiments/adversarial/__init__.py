"""Superposition and adversarial vulnerability: the experiments behind F27 and F28.

``spec``           how the models of this section are trained
``shapes``         polytopes under the paper's attack, and the best mix of them
``vulnerability``  models over densities, attacked (F27, F28 left)
``hardened``       models trained under attack (F28 right)
"""

from . import hardened, vulnerability

__all__ = ["EXPERIMENTS"]

EXPERIMENTS = (vulnerability.EXPERIMENT, hardened.EXPERIMENT)
