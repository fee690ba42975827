"""The bundled models: what runs them, and the scripts that train them."""
