"""How the bundled models came to be: `python -m langgraph_ensemble.pocket.training`.

The only part of the package that needs torch, transformers and onnx.
"""
