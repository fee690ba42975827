"""How each provider's models are reached: one provider per file, built when first called."""
