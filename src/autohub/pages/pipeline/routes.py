"""The pages of the pipeline."""

from autohub.pages.pipeline import many, pages
from autohub.web.routes import join

PIPELINE = join(pages.routes, many.routes)
