"""The files that browsers fetch."""

from autohub.web import assets


def test_the_one_stylesheet_holds_every_file_of_styles_once() -> None:
    raw = assets.answer("hub.css", version="", headers={}).content
    files = list((assets.STATIC / "css").iterdir())
    assert sorted(path.stem for path in files) == sorted(assets.STYLES)
    assert len(raw) == sum(path.stat().st_size for path in files)
