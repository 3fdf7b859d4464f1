"""How Sphinx makes the site. `python -m tests.site` calls it: it lays the sources out and runs the lessons first."""

from __future__ import annotations

from zmqlab import __version__

project = "zmqlab"
author = "The zmqlab authors"
copyright = "The zmqlab authors"
version = release = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "tests.site.hover"]
html_theme = "furo"
html_title = "zmqlab"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_extra_path = ["players"]
html_copy_source = False
html_show_sphinx = False

nb_execution_mode = "off"  # they were run before, with a page for each view
nb_ipywidgets_js = {}  # nothing is fetched by who reads
myst_heading_anchors = 4
myst_heading_slug_func = "tests.site.anchors.slug"

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_default_options = {"members": True, "show-inheritance": True}
