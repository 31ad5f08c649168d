"""Demonstrating superposition (arXiv 2209.10652, F1 and F7 to F11).

``recipes``         a recipe as the constants of an experiment
``introduction``    five features in two dimensions, F1
``basic_measures``  what such models do with their features, in numbers
``basic_results``   many features in few dimensions, linear and rectified, F7 to F10
``formulas``        the formulas of F11 beside the exact loss
``loss_terms``      the loss by the number of active features, F11
"""

from ..experiment import Experiment
from .basic_results import EXPERIMENTS as BASIC
from .introduction import INTRODUCTION
from .loss_terms import LOSS_TERMS

__all__ = ["EXPERIMENTS"]

EXPERIMENTS: tuple[Experiment, ...] = (INTRODUCTION, *BASIC, LOSS_TERMS)
