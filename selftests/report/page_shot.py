# SPDX-License-Identifier: GPL-2.0
"""A picture of a page, zoomed in a bit."""
import sys

from browser import Browser

browser = Browser(size="1440,1500")
try:
    browser.open(sys.argv[1])
    browser.run("measure(false)")
    browser.run("show(0, 60)")
    browser.run("choose(order[7])")
    browser.run("document.activeElement.blur()")
    browser.wait("!waiting")
    browser.screenshot(sys.argv[2])
finally:
    browser.close()
