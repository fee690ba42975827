"""Write a Llama decoder with a key-value cache as an ONNX graph without weights.

One graph serves every model of the same shape; the runtime inserts the weights of
`model.safetensors` when it opens a session, so that nothing is stored twice. The graph has a few
kilobytes and only the operations that the models need. It has no padding, because the samples of
one question all have the same length.
"""

# pyright: reportMissingImports=false
from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HEAD = 32


class _Graph:
    """Collects nodes; every method returns the name of its output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def op(self, kind: str, *inputs: str, outputs: int = 1, **attributes: object) -> str:
        names = [f"{kind}_{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[0]

    def split(self, value: str, sizes: list[int]) -> list[str]:
        """Split along the last axis."""
        self.op("Split", value, self.ints(sizes), outputs=len(sizes), axis=-1)
        return list(self.nodes[-1].output)

    def ints(self, values: list[int]) -> str:
        return self._constant(np.array(values, dtype=np.int64))

    def number(self, value: float) -> str:
        return self._constant(np.array(value, dtype=np.float32))

    def _constant(self, array: np.ndarray) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def weight(self, name: str, *shape: int) -> str:
        """Declare a weight that the runtime supplies."""
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape)
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="supplied-by-the-runtime")
        self.constants.append(tensor)
        return name


def write_graph(config: dict[str, int], path: Path) -> None:
    """Write the graph of a model shape.

    Inputs: `ids` [batch, new], `cos` and `sin` [new, 32], `mask` [new, past + new] and
    for each layer `key_i` and `value_i` [batch, heads, past, 32]. Outputs: `logits`
    [batch, vocabulary] of the last position, and the longer keys and values.

    Args:
        config: The numbers of a Hugging Face Llama config.
        path: The file to write.
    """
    g = _Graph()
    hidden, layers = config["hidden_size"], config["num_hidden_layers"]
    table = g.weight("embedding", config["vocab_size"], hidden)
    x = g.op("Gather", table, "ids")
    inputs = [
        helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "new"]),
        helper.make_tensor_value_info("cos", TensorProto.FLOAT, ["new", HEAD]),
        helper.make_tensor_value_info("sin", TensorProto.FLOAT, ["new", HEAD]),
        helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["new", "total"]),
    ]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "vocabulary"])]
    for i in range(layers):
        x = _layer(g, x, i, config)
        for kind in ("key", "value"):
            shape = ["batch", hidden // HEAD, "past", HEAD]
            inputs.append(helper.make_tensor_value_info(f"{kind}_{i}", TensorProto.FLOAT, shape))
            longer = ["batch", hidden // HEAD, "total", HEAD]
            outputs.append(
                helper.make_tensor_value_info(f"new_{kind}_{i}", TensorProto.FLOAT, longer)
            )
    last = g.op("Gather", x, g._constant(np.array(-1)), axis=1)
    final = _norm(g, last, g.weight("norm", hidden), config)
    logits = g.op("MatMul", final, g.weight("head", hidden, config["vocab_size"]))
    g.nodes.append(helper.make_node("Identity", [logits], ["logits"]))
    graph = helper.make_graph(g.nodes, "llama", inputs, outputs, g.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString())


def _layer(g: _Graph, x: str, i: int, config: dict[str, int]) -> str:
    hidden, width = config["hidden_size"], config["intermediate_size"]
    heads = hidden // HEAD
    normed = _norm(g, x, g.weight(f"{i}.norm_1", hidden), config)
    q, k, v = g.split(
        g.op("MatMul", normed, g.weight(f"{i}.qkv", hidden, 3 * hidden)), [hidden] * 3
    )

    def by_head(value: str) -> str:
        shaped = g.op("Reshape", value, g.ints([0, 0, heads, HEAD]))
        return g.op("Transpose", shaped, perm=[0, 2, 1, 3])

    q, k, v = _rotate(g, by_head(q)), _rotate(g, by_head(k)), by_head(v)
    for kind, new in (("key", k), ("value", v)):
        joined = [f"{kind}_{i}", new]
        g.nodes.append(helper.make_node("Concat", joined, [f"new_{kind}_{i}"], axis=2))
    turned = g.op("Transpose", f"new_key_{i}", perm=[0, 1, 3, 2])
    scores = g.op("Mul", g.op("MatMul", q, turned), g.number(HEAD**-0.5))
    weights = g.op("Softmax", g.op("Add", scores, "mask"), axis=-1)
    mixed = g.op("Transpose", g.op("MatMul", weights, f"new_value_{i}"), perm=[0, 2, 1, 3])
    flat = g.op("Reshape", mixed, g.ints([0, 0, hidden]))
    x = g.op("Add", x, g.op("MatMul", flat, g.weight(f"{i}.out", hidden, hidden)))
    normed = _norm(g, x, g.weight(f"{i}.norm_2", hidden), config)
    both = g.op("MatMul", normed, g.weight(f"{i}.gate_up", hidden, 2 * width))
    gate, up = g.split(both, [width, width])
    active = g.op("Mul", g.op("Mul", gate, g.op("Sigmoid", gate)), up)
    return g.op("Add", x, g.op("MatMul", active, g.weight(f"{i}.down", width, hidden)))


def _norm(g: _Graph, x: str, weight: str, config: dict[str, int]) -> str:
    """Root-mean-square norm."""
    square = g.op("ReduceMean", g.op("Mul", x, x), g.ints([-1]), keepdims=1)
    root = g.op("Sqrt", g.op("Add", square, g.number(config["rms_norm_eps"])))
    return g.op("Mul", g.op("Div", x, root), weight)


def _rotate(g: _Graph, x: str) -> str:
    """Rotary position embedding; the sign of the swapped half is in the `sin` table."""
    first, second = g.split(x, [HEAD // 2, HEAD // 2])
    swapped = g.op("Concat", second, first, axis=-1)
    return g.op("Add", g.op("Mul", x, "cos"), g.op("Mul", swapped, "sin"))
