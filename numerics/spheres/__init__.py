"""Points on spheres: least energy (Thomson) and largest smallest angle (Tammes), in any dimension.

The map, from the bottom up
---------------------------
``riesz``           Riesz energies as a power mean of distances, with gradient and Hessian
``descent``         L-BFGS and Newton's method on a product of spheres
``starts``          random starts, and orbits of rotation groups
``point_groups``    the isometries of an arrangement, and the name of their group
``contacts``        the end of a packing: linear programmes, Newton's method on the contacts
``arrangements``    the result of a search
``multistart``      the lowest end of descents from many starts
``thomson``         the least energy of N points
``tammes``          the largest smallest angle of N points or lines
``tables``          the best values known here, N by N
``toy_energy``      the least energy of the toy model itself
``toy_comparison``  Thomson and Tammes shapes beside what the toy model makes least
``toy_reports``     what ``antipode toy-energies`` prints
``reports``         what ``antipode thomson`` and ``antipode tammes`` print

The matrices are small: set OPENBLAS_NUM_THREADS=1 before numpy is imported, as the command line
does; on two threads of a busy machine the same search took thirty times as long.

The Thomson and Tammes shapes are landmarks for what a toy model learns, not what it should learn:
its own energy is another one (``toy_energy``), and its loss yet another (``toy_comparison``).
"""

from .tammes import largest_angle
from .thomson import least_energy
from .toy_energy import least_toy_energy

__all__ = ["largest_angle", "least_energy", "least_toy_energy"]
