"""The bundled models: their runtime, and the scripts that train them."""
