"""What is computed for the paper's figures (arXiv 2209.10652), experiment by experiment.

``work``                 units of work, kept as they end
``trained``              training as such units
``experiment``           constants with their origins, what is computed, what is measured
``demonstrating``        five features in two dimensions, basic results, the loss in terms
``phase_change``         the phase diagrams of the small cases, and two features without biases
``uniform_geometry``     equal features over density, and small models that are one polytope
``correlated_features``  sets of features that come together or never together
``nonuniform_geometry``  five features in two dimensions, the density of one varied
``compression``          two dense numbers in one
``computation``          nets that compute absolute values, and the asymmetric motif
``learning_dynamics``    flows and training, their plateaus, and the saddles beside these
``adversarial``          models under attack, and models trained under attack
``privileged_basis``     neurons in the middle: directions of features, blocks of neurons
``walkthrough``          an L1 penalty on the hidden layer, and training that finds the pentagon
``catalogue``            all experiments
``results``              their results in a folder: made, resumed, reused
"""
