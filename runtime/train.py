"""`make train`: trains into models/ and keeps only the new model, with a line per step."""

import logging
import os
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
MODELS = PROJECT / "models"
NAME = "gut-skin-guide"


def main() -> int:
    """Train, and say where the model is; 1 when training failed."""
    os.chdir(PROJECT)
    # Rasa's own log lines and its progress bars for twenty stories are noise; ours are shown.
    os.environ["LOG_LEVEL"] = os.environ["LOG_LEVEL_LIBRARIES"] = "ERROR"
    logging.basicConfig(level=logging.WARNING, format="  %(message)s")
    for ours in ("components", "rasa.engine.training.hooks"):
        logging.getLogger(ours).setLevel(logging.INFO)

    from rasa.model_training import train
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)

    result = train(
        domain="domain.yml",
        config="config.yml",
        training_files=["data"],
        output=str(MODELS),
        fixed_model_name=NAME,
        # Rasa would reuse what it trained before, also when the code of a component has changed.
        force_training=True,
    )
    if result.code or result.model is None:
        print("Training failed; the lines above say why.", file=sys.stderr)
        return 1
    print(f"  The model is {Path(result.model).relative_to(PROJECT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
