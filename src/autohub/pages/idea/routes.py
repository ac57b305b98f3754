"""The pages of one idea."""

from autohub.pages.idea import assess, files, money, pages, people
from autohub.web.routes import join

IDEA = join(pages.routes, assess.routes, files.routes, money.routes, people.routes)
