"""What is compiled, for the CPU: the loss of independent features at any size, and training.

``waves``           blocks of waves, and integrals of a uniform against them
``pieces``          outputs with no or one active neighbour
``moments``         outputs that are never clipped
``series``          two or more: a Fourier series and its gradient
``curvature``       the derivative of that gradient along a direction
``hessian``         all second derivatives of an output
``scales``          how an output's average is split by scales
``rows``            one output: all of it, and a batch of rows
``batches``         the loss of a batch of models as torch sees it
``updates``         one step of an optimiser
``training_steps``  steps of small models on samples, and the errors of any model
``jit``             how kernels are compiled and cached

:mod:`numerics.characteristic` is the readable series in plain tensors that the loss must agree
with, :mod:`numerics.training.models` with autograd the truth beside training.
"""
