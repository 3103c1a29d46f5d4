# SPDX-License-Identifier: GPL-2.0
"""
A picture of a page, for the documentation: each exit as long as any other, and one
of them in detail, the first access to a control register if there is one.
"""
import sys

from browser import Browser

browser = Browser(size="1440,1560")
try:
    browser.open(sys.argv[1])
    browser.run("measure(false)")
    browser.run("choose(order.find(i => basic(i) === 28) ?? order[0])")
    browser.wait("!waiting")
    browser.screenshot(sys.argv[2])
finally:
    browser.close()
