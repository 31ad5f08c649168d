"""What is computed for the paper's figures (arXiv 2209.10652), experiment by experiment.

``work``        units of work, kept as they end
``trained``     training as such units
``experiment``  constants with their origins, what is computed, what is measured
``phase_change``  the phase diagrams of the small cases, and two features without biases
``compression``  two dense numbers in one
``catalogue``   all experiments
``results``     their results in a folder: made, resumed, reused
"""
