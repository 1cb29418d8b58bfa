"""How dates are written where a template does not say: Django looks here by the language."""
