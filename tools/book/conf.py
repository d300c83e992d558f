"""How Sphinx builds the book from what tools/publish.py prepares: nothing is executed or fetched here."""

project = "Denoising with autoencoders"
language = "en"  # with en_GB the search stumbles over its missing translations
extensions = ["myst_nb"]
exclude_patterns = ["build"]
myst_enable_extensions = ["html_image"]
myst_heading_anchors = 3
nb_execution_mode = "off"
nb_render_markdown_format = "gfm"  # the tables that cells show

html_theme = "furo"
html_title = project
html_copy_source = False
html_show_copyright = False
html_show_search_summary = False  # a page that was opened from the disk may not read the others
html_static_path = ["static"]
html_css_files = ["book.css"]
