"""Gradient training: what a run is, its data, its models, its steps.

``specs``            a run as a value
``data_laws``        the laws of the samples
``parameters``       their names, shapes and order
``samplers``         batches of samples, fast
``initialisations``  the weights a run begins with
``schedules``        the learning rate of each step
``models``           the models, their targets and losses, as definitions
``optimizers``       what an optimiser remembers
``steps``            steps on samples, one run at a time
``tensor_steps``     the same as plain tensors, all runs together, on any device
``exact_steps``      steps on the exact population loss
``work``             the states of runs under way, and their checkpoint
``engine``           training a batch of runs, resumable
``losses``           what trained models lose
``normalisations``   the published normalisations of a loss
"""
