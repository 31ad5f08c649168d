"""What introductions to superposition ask, as functions with plain answers.

``superposition``  how much there is at a sparsity, and how much some features share
``readouts``       activation patterns of two features, recovery and ambiguity of a superposed state
"""
