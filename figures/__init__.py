"""Pictures of finished results: each function reads what was computed and draws, nothing else.

``style``                    colours, sizes, axes of the phase plane, deterministic saving
``paper_figure``             a figure of the paper as a value
``catalogue``                all of them, by section
``films``                    frames into a GIF
``drawing``                  pictures from a folder of results
``gallery``                  the page that shows them with their words, constants and verdicts
``demonstrating``            five features in two dimensions, basic results, formulas (F1 to F11)
``phase_change``             the phase diagrams of the small cases (arXiv 2209.10652, F12 and F13)
``learning_dynamics``        energy levels (F25), stages towards an octahedron (F26)
``adversarial``              vulnerability against features per dimension (F27 and F28)
``privileged_basis``         linear against rectified hidden layers, stacks, regimes (F29 to F31)
``neuron_regimes``           the best models and the losses of their regimes
``neuron_stacks``            neurons as stacks of bars
``phase_diagrams``           the section on phase changes (F12, F13 and F37)
``uniform_geometry``         polytopes of equal features over density (F14 to F17)
``correlated_features``      sets of features that come together or never together (F20 to F24)
``nonuniform_geometry``      a pentagon that gives way to digons (F18 and F19)
``bias_free``                two features without biases: surfaces and phases (F37)
``compression``              two dense numbers in one, nonlinearly (F38)
``computation``              absolute values and the asymmetric motif (F33 to F36)
``walkthrough``              an L1 penalty, and training that finds the pentagon
``families``                 where a triangle beats every pair (the candidate missing in F13)
``learned_geometry_blocks``  the blocks of a model as points, edges and kinds
``learned_geometry_views``   one of each kind of block in the plane or in perspective
``learned_geometry_gram``    the Gram matrix, features ordered by block
``learned_geometry_graph``   features joined where they interfere
``learned_geometry``         all three of one model
``staircase_axis``           the axis of density, cut into cells
``staircase_panels``         dimensionalities, shares of blocks and losses over density
``staircase``                all of these, predicted and found (F14 and F15)
"""

__all__: list[str] = []
