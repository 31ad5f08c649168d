"""What introductions to superposition ask, as functions with plain answers.

``superposition``  how much there is at a sparsity, and how much some features share
``polytopes``      whether regular polytopes are the best blocks
``readouts``       activation patterns of two features, recovery and ambiguity of a superposed state
"""
