"""Named shapes: unit vectors with exact coordinates, and what is known of them.

``implicit_numbers``  numbers given by an equation and an interval
``shapes``            a shape, its claims, its exact Gram matrix
``symmetries``        isometries, counted and found from Gram matrices
``coulomb``           the energy of charges, exactly
``orbits``            points permuted and reflected
``regular``           regular polytopes in any dimension
``uniform``           snub cube, cuboctahedron, rectified 5-cell, duoprism
``layered``           prisms, antiprisms and their caps: uniform, tight, Coulomb, best packing
``gosset``            E8 and the shapes inside it, equiangular lines
``tegum``             products of shapes in orthogonal subspaces
``catalogue``         all of them by key
"""
