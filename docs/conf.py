"""Sphinx: MyST pages in four parts; the pages of the lessons are made from the lessons."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from lesson_pages import write_pages

from nital import __version__

project = "nital"
author = "the nital authors"
copyright = "2026, the nital authors"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.mathjax"]
myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]

autodoc_typehints = "description"
autodoc_member_order = "bysource"
napoleon_google_docstring = True
napoleon_custom_sections = [("Valid for", "notes_style"), ("Source", "notes_style")]

html_theme = "pydata_sphinx_theme"
html_title = "nital"
html_static_path = ["_static"]
html_css_files = ["wrap.css"]
html_theme_options = {"show_prev_next": False, "navigation_with_keys": False}


def setup(app):
    app.connect("builder-inited", lambda app: write_pages(Path(app.srcdir) / "lessons"))
