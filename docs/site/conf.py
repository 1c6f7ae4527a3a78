"""Sphinx' settings for the pages that docs/site/__main__.py has prepared."""

project = "Mutual exclusion between Python processes"
extensions = ["myst_nb"]
include_patterns = ["*.md", "docs/*.md", "notebooks/*.ipynb", "helpers/**.md"]
exclude_patterns = ["README.md", "CONTRIBUTING.md"]
suppress_warnings = ["myst.xref_missing"]  # anchors written as HTML; a test follows all links
nb_execution_mode = "off"
nb_merge_streams = True
nb_ipywidgets_js = {}  # they would come from the network
html_theme = "pydata_sphinx_theme"
# No breadcrumbs and no second list of pages: all pages are in the sidebar.
left_out = "navbar_center", "article_header_start", "footer_start", "footer_center", "footer_end"
html_theme_options = {"logo": {"text": "Mutual exclusion"}} | {part: [] for part in left_out}
html_context = {"default_mode": "auto"}
html_sidebars = {"**": ["pages.html"]}
html_title = project
templates_path = ["templates"]
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = [(name, {"defer": "defer"}) for name in ("front.js", "site.js")]
html_use_index = html_copy_source = html_show_sourcelink = html_show_sphinx = False
html_show_search_summary = False  # it is fetched, which no browser allows by file://
