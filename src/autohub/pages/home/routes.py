"""The pages of the home wing: tasks, search, components, offers."""

from autohub.pages.home import components, offers, pages, search
from autohub.web.routes import join

HOME = join(pages.routes, components.routes, offers.routes, search.routes)
