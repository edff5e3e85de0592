"""Processes that start warm: forked from one that has already imported what the pages need.

`Warm` starts such processes. `kpsslib.kernels.cells` runs a notebook's cells in one; `kpsslib.kernels.provisioner`
offers them as kernels to Jupyter's programs and `kpsslib.kernels.engine` to papermill.
"""

from kpsslib.kernels.warm import Child, Warm, WarmError

__all__ = ["Child", "Warm", "WarmError"]
