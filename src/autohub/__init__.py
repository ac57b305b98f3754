"""autohub: a self-hosted automation hub that speaks the Automation Hub Open API."""

__version__ = "0.1.1"
