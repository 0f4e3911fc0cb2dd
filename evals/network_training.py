"""Train small networks over embeddings, the same from the same sentences on one machine."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recommender.errors import MissingExtraError
from recommender.retrieval.encoder import Floats
from recommender.retrieval.network import SCALE, Networks, stacked

HIDDEN, MEMBERS, EPOCHS, BATCH = 256, 5, 15, 128
DROPPED_BEFORE, DROPPED_AFTER = 0.2, 0.4
RATE, DECAY, SMOOTHING = 2e-3, 0.05, 0.1


def train_networks(
    rows: Floats, targets: npt.NDArray[np.intp], labels: Sequence[str], encoder: str, data: str,
    *, weights: Floats | None = None, members: int = MEMBERS, epochs: int = EPOCHS,
) -> Networks:
    """Return networks that tell the labels of rows apart.

    Args:
        rows: float32, shape (n, width), of unit length.
        targets: Column of the label of each row.
        labels: Their names.
        encoder: Whose vectors the rows are.
        data: SHA-256 of what is trained on.
        weights: What each row counts; all alike if null.

    Raises:
        MissingExtraError: torch is not installed.
    """
    try:
        import torch
    except ImportError as error:
        raise MissingExtraError(
            "torch is not installed; run: pip install 'agendum[torch]'") from error
    torch.set_num_threads(1)
    inputs = torch.tensor(SCALE * rows, dtype=torch.float32)
    wanted = torch.tensor(targets)
    counts = torch.tensor(np.ones(len(rows)) if weights is None else weights, dtype=torch.float32)
    layers = []
    for member in range(members):
        torch.manual_seed(member)
        inner = torch.nn.Linear(rows.shape[1], HIDDEN)
        outer = torch.nn.Linear(HIDDEN, len(labels))
        net = torch.nn.Sequential(torch.nn.Dropout(DROPPED_BEFORE), inner, torch.nn.ReLU(),
                                  torch.nn.Dropout(DROPPED_AFTER), outer)
        steps = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
        for _ in range(epochs):
            order = torch.randperm(len(inputs))
            for batch in (order[at : at + BATCH] for at in range(0, len(order), BATCH)):
                losses = torch.nn.functional.cross_entropy(
                    net(inputs[batch]), wanted[batch], label_smoothing=SMOOTHING,
                    reduction="none")
                steps.zero_grad()
                (losses * counts[batch]).mean().backward()  # type: ignore[no-untyped-call]
                steps.step()
        layers.append([part.detach().numpy() for part in (
            inner.weight.T, inner.bias, outer.weight.T, outer.bias)])
    return stacked(encoder, labels, data, layers)
