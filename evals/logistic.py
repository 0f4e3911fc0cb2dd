"""Logistic regression with a penalty, dense or sparse, the same from the same rows."""

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize

Numbers = npt.NDArray[np.float64]
STEPS = 200


def fit_logistic(
    rows: Numbers | sparse.csr_matrix, grave: npt.NDArray[np.bool_], counts: Numbers, shrink: float
) -> tuple[Numbers, float]:
    """Return weights and bias that tell what is grave.

    Args:
        rows: Shape (n, width).
        counts: What each row counts.
        shrink: What a weight's square costs beside the rows; the bias costs nothing.
    """
    signs = np.where(grave, 1.0, -1.0)

    def loss(at: Numbers) -> tuple[float, Numbers]:
        margins = signs * (rows @ at[:-1] + at[-1])
        pulls = -counts * signs / (1 + np.exp(np.minimum(margins, 500)))
        own = float(counts @ np.logaddexp(0, -margins)) + shrink / 2 * float(at[:-1] @ at[:-1])
        return own, np.append(rows.T @ pulls + shrink * at[:-1], pulls.sum())

    found = minimize(loss, np.zeros(rows.shape[1] + 1), jac=True, method="L-BFGS-B",
                     options={"maxiter": STEPS}).x
    return found[:-1], float(found[-1])
