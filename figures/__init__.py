"""Pictures of finished results: each function reads what was computed and draws, nothing else.

``style``                    colours, sizes, axes of the phase plane, deterministic saving
``paper_figure``             a figure of the paper as a value
``films``                    frames into a GIF
``matrices``                 matrices as pictures, their entries written on them
``neuron_stacks``            neurons as rows of a matrix and as stacks of weights
``neuron_regimes``           the best models of ten features in five neurons, losses of regimes
``staircase_axis``           the axis of density, cut into cells
``staircase_panels``         dimensionalities, shares of blocks and losses over density
``staircase``                all of these for one size, predicted and found
``learned_geometry_blocks``  the blocks of a model as points, edges and kinds
``learned_geometry_views``   one of each kind of block in the plane or in perspective
``learned_geometry_gram``    the Gram matrix, features ordered by block
``learned_geometry_graph``   features joined where they interfere
``learned_geometry``         all three of one model
``phase_diagrams``           the phase diagrams of the small cases
``families``                 where a triangle beats every pair (the candidate missing in F13)
``bias_free``                two features without biases: surfaces and phases (F37)
``demonstrating``            a section: five features, basic results, formulas (F1, F7 to F11)
``phase_change``             a section: phase diagrams (F12, F13), two features without biases (F37)
``uniform_geometry``         a section: polytopes of equal features over density (F14 to F17)
``nonuniform_geometry``      a section: a pentagon that gives way to digons (F18, F19)
``correlated_features``      a section: sets of features on together or apart (F20 to F24)
``learning_dynamics``        a section: energy levels, stages towards an octahedron (F25, F26)
``adversarial``              a section: vulnerability against features per dimension (F27, F28)
``privileged_basis``         a section: hidden layers with a ReLU, stacks, regimes (F29 to F31)
``computation``              a section: absolute values and the asymmetric motif (F33 to F36)
``compression``              a section: two dense numbers in one, nonlinearly (F38)
``walkthrough``              a section: an L1 penalty, and training that finds the pentagon
``catalogue``                all figures of the sections
``drawing``                  pictures from a folder of results
``gallery``                  the page that shows them with their words, constants and verdicts
"""

__all__: list[str] = []
