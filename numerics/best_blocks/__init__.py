"""The best blocks: least exact losses of a few equal features, and what they predict for many.

The map, from the bottom up
---------------------------
``search``        the best block of k features in d dimensions
``rigid_shapes``  shapes of the catalogue with free norms and biases
``table``         best blocks by size and density, in memory and on disk
``pieces``        models taken apart, each part with its name
``ranking``       which block makes most of its dimensions at one density
``transitions``   the densities at which the leading block changes
``staircase``     the mix of blocks that n features in m dimensions form
``atlas``         all sizes over all densities, resumable
``observations``  trained models, measured as the prediction is
``reports``       what ``antipode blocks`` and ``antipode staircase`` print
``comparison``    prediction and models beside each other, resumable
"""

__all__: list[str] = []
