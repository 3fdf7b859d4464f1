"""The drawings of the lessons, a module each: ``<lesson>_<name>.py`` makes ``notebooks/images/<lesson>-<name>.svg``.

Such a module has `ALT`, what the drawing shows, in words, for who cannot see it, and ``draw() -> Sheet``.
"""
