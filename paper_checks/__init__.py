"""What *Toy Models of Superposition* (arXiv 2209.10652) says, judged with numbers.

``claims``        a claim, and the one rule that gives its verdict
``evidence``      the finished phase diagrams that claims are judged by
``measurements``  the stored measurements that claims are judged by
``phase_change``  a section: the claims on the phase diagrams, F12, F13 and F37
``report``        all sections as one JSON object or as a table
``documented``    the table in the documentation

A verdict is *supported*, *contradicted* or *undetermined*.  A contradicted claim is a finding.
"""

__all__: list[str] = []
