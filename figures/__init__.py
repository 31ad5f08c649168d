"""Pictures of finished results: each function reads a labelled dataset and draws, nothing else.

``style``         colours, sizes, axes of the phase plane, deterministic saving
``phase_change``  the phase diagrams of the small cases (arXiv 2209.10652, F12 and F13)
``families``      where a triangle beats every pair (the candidate the paper leaves out of F13)
"""

__all__: list[str] = []
