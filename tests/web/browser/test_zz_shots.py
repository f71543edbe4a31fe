import sys, os
sys.path.insert(0,'/work/main')
from tests.web.browser.test_editor_pages import *
def test_shots(browser, address, desk):
    for look in ("desktop","320 px"):
        context = signed_in(browser, address, desk, **LOOKS[look]); page = context.new_page()
        for state in STATES:
            STATES[state](page, address)
            page.screenshot(path=f"/tmp/shots/{state.replace(' ','_')}-{look.replace(' ','')}.png", full_page=True)
        context.close()
