"""A QR code as a picture in the page itself: no file, no other host, black on white in every theme."""

import segno
from markupsafe import Markup


def picture(text: str, scale: int = 4) -> Markup:
    """An inline SVG; whoever shows it says in words what it is, for it is hidden from screen readers."""
    drawn = segno.make(text, error="m", micro=False)
    return Markup('<span class="qr" aria-hidden="true">{}</span>').format(
        Markup(drawn.svg_inline(scale=scale, light="#fff", omitsize=True))
    )
