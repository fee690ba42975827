"""Training of the bundled models: `python -m langgraph_ensemble.pocket.training`.

This is the only part of the package that needs torch, transformers and onnx.
"""
