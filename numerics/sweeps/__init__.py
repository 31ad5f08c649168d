"""Sweeps: many training runs over a grid, in any number of processes, resumable, the same always.

The map, from the bottom up
---------------------------
``values``         one value of a field, as a user writes it
``specification``  a sweep as a value
``reading``        a sweep from TOML or flags
``batches``        how runs are cut into units of work
``shards``         finished batches on disk
``fresh``          numbers that do not depend on whether kernels had to be compiled first
``work``           what a worker does
``results``        the labelled dataset
``places``         where the files are, and what is there already
``running``        a sweep from beginning to end
``reports``        what the commands print
"""
