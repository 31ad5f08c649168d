"""What *Toy Models of Superposition* (arXiv 2209.10652) says, judged with numbers.

``claims``               a claim, and the one rule that gives its verdict
``evidence``             the phase diagrams and measurements that claims are judged by
``measurements``         the stored measurements that claims are judged by
``demonstrating``        a section: the claims on F1 and F7 to F11
``phase_change``         a section: the claims on the phase diagrams, F12, F13 and F37
``uniform_geometry``     a section: polytopes of equal features over density, F14 to F17
``nonuniform_geometry``  a section: a pentagon that gives way to digons, F18 and F19
``correlated_features``  a section: sets of features on together or apart, F20 to F24
``learning_dynamics``    a section: energy levels and geometric stages, F25 and F26
``adversarial``          a section: attacks on models and training under attack, F27 and F28
``privileged_basis``     a section: neurons in the middle, F29 and F31
``compression``          a section: two numbers in one, F38, and compressed sensing
``computation``          a section: nets that compute absolute values, F33 to F36
``walkthrough``          a section: claims that introductions take up
``report``               all sections as one JSON object or as a table
``documented``           the table in the documentation

A verdict is *supported*, *contradicted* or *undetermined*.  A contradicted claim is a finding.
"""

__all__: list[str] = []
