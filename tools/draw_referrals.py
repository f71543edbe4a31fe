"""Draws the diagram and tables of docs/referrals.md anew from the machine's table: `python tools/draw_referrals.py`."""

from pathlib import Path

from directory.referrals import diagram

PAGE = Path(__file__).parents[1] / "docs" / "referrals.md"

if __name__ == "__main__":
    PAGE.write_text(diagram.put_into(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
