"""Pictures of finished results: each function reads what was computed and draws, nothing else.

``style``                    colours, sizes, axes of the phase plane, deterministic saving
``paper_figure``             a figure of the paper as a value
``catalogue``                all of them, by section
``films``                    frames into a GIF
``drawing``                  pictures from a folder of results
``gallery``                  the page that shows them with their words, constants and verdicts
``phase_change``             the phase diagrams of the small cases (arXiv 2209.10652, F12 and F13)
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
