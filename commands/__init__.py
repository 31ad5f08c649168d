"""The commands of ``antipode``: read the arguments, call one function of a package, print.

``options``         options and arguments that several commands take
``reading``         a case, a law, a number for every feature, from their texts
``exit_codes``      what the exit code says
``threads``         one thread for small arrays
``derivations``     ``derive``
``models``          ``loss``, ``optimum`` and ``compare``
``conversion``      ``convert``
``phase_diagrams``  ``phase-diagram``
``running``         what the next two share
``training``        ``train``
``sweeps``          ``sweep``
``geometry``        ``geometry``
``spheres``         ``thomson``, ``tammes`` and ``toy-energies``
``blocks``          ``blocks``, ``staircase`` and ``atlas``
``pentagon``        ``pentagon``
``recipes``         ``recipes list``, ``show`` and ``diff``
``figures``         ``figures``
``checks``          ``check`` and ``doctor``

A module of commands offers them as ``app``, to which ``antipode.py`` gives its place in the help.
Each command imports what it needs only when it runs, so that ``--help`` answers at once; each
takes ``--seed`` and ``--quiet``, which those that draw nothing or say nothing ignore.
"""

__all__: list[str] = []
