"""Makes components/understanding/encoder.onnx from the weights `distil.py` has trained.

Not part of the running guide: it needs PyTorch. README.md beside this file says how to run it.
"""

import argparse
import hashlib
import tempfile
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import AutoModel

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
OUTPUT = "last_hidden_state"


class Encoder(torch.nn.Module):
    """The model with its three inputs by name and the last hidden state as its one output."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.model = AutoModel.from_pretrained(folder, attn_implementation="eager")

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> torch.Tensor:
        states = self.model(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        )
        return states.last_hidden_state


def main() -> None:
    """Export, quantise, and print the hash to write into `encoder.py`."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("weights", type=Path, help="folder with model.safetensors, config.json")
    arguments.add_argument("target", type=Path, help="the .onnx file to write")
    args = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        exported = Path(folder) / "fp32.onnx"
        export(args.weights, exported)
        # Weights and the word table as int8, activations quantised on the fly: a third of the
        # memory of weights that are only stored as int8, and less than half the time.
        quantize_dynamic(
            exported,
            args.target,
            weight_type=QuantType.QInt8,
            per_channel=True,
            op_types_to_quantize=["MatMul", "Gather"],
        )
    print(hashlib.sha256(args.target.read_bytes()).hexdigest())


def export(weights: Path, target: Path) -> None:
    """Write the model as ONNX with free batch and sequence lengths."""
    example = torch.ones(2, 8, dtype=torch.long)
    torch.onnx.export(
        Encoder(weights).eval(),
        (example, example, torch.zeros_like(example)),
        str(target),
        input_names=list(INPUTS),
        output_names=[OUTPUT],
        dynamic_axes={name: {0: "batch", 1: "sequence"} for name in (*INPUTS, OUTPUT)},
        opset_version=17,
        dynamo=False,
    )


if __name__ == "__main__":
    main()
