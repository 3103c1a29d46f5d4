#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
The page of vmrun --report, as a reader has it: in Chromium.

    page_test.py DIR        DIR has one.html, of 10,000 exits, and two.html, of two vCPUs

What has to be in it is worked out from the JSON in the page, without the page's own
scripts. Prints TAP.

Breakage it catches: a script that fails, a request to the network, an exit that is
not in the list, a filter that keeps too much or too little, something that only a
mouse can do, numbers of 64 bits that lose digits, a name that becomes markup, colours
that do not change, a page that is too large.
"""
import json
import os
import re
import sys

from browser import KEYS, Browser

MOST_BYTES = 3000000
EXITS = 10000
EARLY = 4  # of them: the first ones of records.c, the last of these in protected mode

checks = []


def check(function):
    checks.append(function)
    return function


def expect(got, wanted, what):
    if got != wanted:
        raise AssertionError(f"{what}: {got!r}, not {wanted!r}")


class Page:
    """A page's file, and its data."""

    def __init__(self, path):
        self.path = path
        with open(path, encoding="utf-8") as file:
            self.text = file.read()
        found = re.search(r'id="data">\n(.*?)</script>', self.text, re.S)
        self.data = json.loads(found.group(1))
        self.columns = self.data["columns"]

    def count(self, **wanted):
        rows = zip(*(self.columns[name] for name in wanted))
        return sum(row == tuple(wanted.values()) for row in rows)


def filtered(browser, text):
    """How many exits a filter leaves, as the page says it."""
    browser.run("setFilter('')")
    browser.keys("#filter", text)
    said = browser.run("document.getElementById('count').textContent")
    return int(said.split()[0].replace(",", ""))


@check
def it_is_one_small_file(page, browser):
    size = os.path.getsize(page.path)
    print(f"# {len(page.columns['reason'])} exits in {size} bytes")
    expect(len(page.columns["reason"]), EXITS, "exits in the file")
    expect(size < MOST_BYTES, True, f"{size} bytes are less than {MOST_BYTES}")
    links = set(re.findall(r"(?:https?:)?//[\w.-]+\.[a-z]+", page.text))
    expect(links, {"http://www.w3.org"}, "addresses in it, but for the name of SVG")


@check
def nothing_is_asked_of_the_network(page, browser):
    events = [json.loads(entry["message"])["message"] for entry in browser.log("performance")]
    urls = [event["params"]["request"]["url"] for event in events
            if event["method"] == "Network.requestWillBeSent"]
    expect(any(url.startswith("file://") for url in urls), True, "the page itself is in the log")
    others = [url for url in urls if not url.startswith(("file://", "data:"))]
    expect(others, [], "requests")


@check
def the_list_has_every_exit(page, browser):
    rows = browser.run("""(() => {
        const seen = {}, list = $("list");
        for (let top = 0; top <= list.scrollHeight; top += list.clientHeight) {
            list.scrollTop = top;
            paintRows();
            for (const row of document.querySelectorAll("#rows > .row"))
                seen[row.id] = row.children[0].textContent;
        }
        return seen;
    })()""")
    numbers = sorted(int(text.replace(",", "")) for text in rows.values())
    expect(numbers, list(range(1, EXITS + 1)), "numbers in the list")
    few = browser.run("document.querySelectorAll('#rows > .row').length")
    expect(few < 100, True, f"rows that exist at once are few: {few}")


@check
def the_filter_filters(page, browser):
    cpuid, io = page.count(reason=10), page.count(reason=30)
    users = sum(exit != 0 for exit in page.columns["user_exit"])
    expect(filtered(browser, "CPUID"), cpuid, "cpuid")
    expect(filtered(browser, "reason:1"), page.count(reason=1), "reason:1")
    expect(filtered(browser, "to:user"), users, "to:user")
    expect(filtered(browser, "reason:30 -to:user"), io - page.count(reason=30, user_exit=2), "two words")
    expect(filtered(browser, "-to:user -reason:10"), EXITS - users - cpuid, "without")
    expect(filtered(browser, "0xd0000000"), page.count(reason=48, physical=0xd0000000), "address")
    expect(filtered(browser, "real mode"), EARLY - 1, "real mode")
    expect(filtered(browser, "64-bit mode"), EXITS - EARLY, "64-bit mode")
    expect(filtered(browser, "nothing has this"), 0, "none")
    browser.keys("#filter", KEYS["Escape"])
    expect(browser.run("shown.length"), EXITS, "after Escape")


@check
def the_pie_filters(page, browser):
    # The most frequent comes first.
    reasons = page.columns["reason"]
    most = max(reasons.count(reason) for reason in set(reasons))
    browser.click("#pie li button")
    expect(browser.run("shown.length"), most, "exits of the largest slice")
    browser.click("#pie-time")
    total = browser.run("[...document.querySelectorAll('#pie li b')]"
                        ".reduce((sum, b) => sum + Number(b.textContent.replaceAll(',', '')), 0)")
    expect(total, browser.run("order.reduce((sum, i) => sum + kernelTime(i) + vmmTime(i), 0)"), "ticks")
    browser.run("setFilter('')")


@check
def keys_do_what_a_mouse_does(page, browser):
    number = "Number(document.querySelector('.row[aria-selected=true]').children[0].textContent.replaceAll(',', ''))"
    focused = "document.activeElement.id"
    browser.run("choose(order[0])")
    browser.keys("body", "/")
    expect(browser.run(focused), "filter", "focus after /")
    browser.keys("#filter", KEYS["Enter"])
    expect(browser.run(focused), "list", "focus after Enter")
    browser.keys("#list", KEYS["Down"] * 3)
    expect(browser.run(number), 4, "after three times Down")
    browser.keys("#list", KEYS["End"])
    expect(browser.run(number), EXITS, "after End")
    expect(browser.run("$('list').getAttribute('aria-activedescendant')"), f"exit-{EXITS - 1}", "aria")
    expect("HLT" in browser.run("$('detail').textContent"), True, "the last one is HLT")
    browser.keys("#list", KEYS["Up"])
    expect(browser.run(number), EXITS - 1, "after Up")
    browser.keys("#list", KEYS["Home"])
    expect(browser.run(number), 1, "after Home")
    whole = browser.run("view.to - view.from")
    browser.keys("#timeline", "++")
    expect(round(whole / browser.run("view.to - view.from"), 6), 4, "zoomed twice")
    browser.keys("#timeline", KEYS["End"])
    expect(round(browser.run("view.to")), round(whole), "end of the view")
    browser.keys("#timeline", "n")
    expect(browser.run(number), 2, "after n")
    browser.keys("#timeline", "0")
    expect(browser.run("view.to - view.from"), whole, "all of it")


@check
def fields_say_what_the_sdm_says(page, browser):
    browser.run("choose(order[0])")
    expect(browser.run("$('tip').hidden"), True, "no tip yet")
    browser.keys(".fields", KEYS["Right"] * 2)
    expect(browser.run("$('tip').hidden"), False, "a tip")
    tip = browser.run("$('tip').textContent")
    expect("SDM Vol. 3C, 28.3.1" in tip and "VM-exit control is 1" in tip, True, f"a tip of the SDM: {tip}")
    browser.run("document.activeElement.blur()")
    expect(browser.run("$('tip').hidden"), True, "the tip is gone")
    browser.run("document.querySelector('.fields').scrollIntoView({ block: 'center' })")
    browser.hover(".fields li:nth-child(2)")
    expect("28.3.1" in browser.run("$('tip').hidden ? '' : $('tip').textContent"), True, "a tip at the pointer")
    names = set(browser.run("[...document.querySelectorAll('.fields li')].map(li => li.textContent.split(' ')[0])"))
    known = {name for name, *_ in page.data["fields"]}
    expect(names - known, set(), "fields that no VMCS has")
    missing = {name for name in known if re.search(r"_(CS|SS|TR|IDTR|CR3|RIP|RSP|RFLAGS)(_|$)", name)} - names
    expect(missing, set(), "fields that are missing")
    struck = set(browser.run("[...document.querySelectorAll('.fields li.not')].map(li => li.textContent)"))
    expect("HOST_IA32_PERF_GLOBAL_CTRL" in struck, not page.data["controls"]["exit"] >> 12 & 1, "PERF_GLOBAL_CTRL")
    expect("GUEST_IA32_EFER" in struck, not page.data["controls"]["exit"] >> 20 & 1, "EFER")


@check
def qualifications_are_decoded(page, browser):
    def meaning(text):
        return browser.run(f"decode(order.find(i => what(i).startsWith({json.dumps(text)}))).map(row => row[3])")

    expect(meaning("IN 0x60"), ["1 byte", "IN", "not string", "not REP", "immediate", "0x60"], "IN")
    expect(meaning("REP OUTS 0x3f8"), ["1 byte", "OUT", "INS or OUTS", "REP", "DX", "0x3f8"], "REP OUTS")
    expect(meaning("CR0"), ["CR0", "MOV to CR", "RAX"], "MOV to CR0")
    expect(meaning("fetch 0x1000")[:3], ["no", "no", "yes"], "EPT violation")
    expect(browser.run("what(order.find(i => basic(i) === 0))"), "#UD, hardware exception", "exception")
    expect(browser.run("where(0) + ' ' + mode(0)"), "0000:1000 real mode", "where the first is")
    expect(browser.run("mode(3) + ' ' + code(3).text"), "32-bit protected mode mov cr0, eax", "CS.L there")
    last = len(page.columns["rip"]) - 1
    expect(browser.run(f"where({last}) + ' ' + mode({last})"), f"{page.columns['rip'][last]:#x} 64-bit mode", "the last")
    expect(browser.run("code(0).text"), "mov sp, 0x7000", "16-bit code")
    timer = page.columns["reason"].index(52)
    expect(browser.run(f"code({timer}).text"), f"jmp {page.columns['rip'][timer]:#x}", "a jump to itself")
    expect(browser.run("code(order[order.length - 1]).text"), "hlt", "the last")


@check
def numbers_keep_all_digits(page, browser):
    values = page.columns["value"]
    index = next(i for i, value in enumerate(values) if isinstance(value, str) and page.columns["reason"][i] == 32)
    expect(browser.run(f"what({index})").split()[-1], values[index], "MSR's value")


@check
def times_add_up(page, browser):
    columns = page.columns
    guest = sum(columns["exit"])
    last = len(columns["exit"]) - 1
    whole = columns["entry"][last] + columns["exit"][last] + columns["done"][last]
    expect(browser.run("order.reduce((sum, i) => sum + guestTime(i), 0)"), guest, "guest")
    expect(browser.run("extent()"), whole, "the whole run")
    expect(browser.run("order.reduce((sum, i) => sum + guestTime(i) + kernelTime(i) + vmmTime(i), 0)"), whole, "sum")
    sums = browser.run("layers.map((_, layer) => had(lanes[0], layer, Infinity))")
    expect(sum(sums), whole, "layers of the timeline")


@check
def a_name_is_no_markup(page, browser):
    expect(browser.run("$('guest').textContent"), 'records "</script><b>" & more', "the guest's name")


@check
def pictures_show_something(page, browser):
    for canvas in "timeline", "memory":
        painted = browser.run(f"""(() => {{
            const c = $("{canvas}"), counts = {{}};
            const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
            const names = new Map(["guest", "kernel", "vmm", "write", "hover"].map(
                name => [parseInt(colour(name).slice(1), 16), name]));
            for (let i = 0; i < d.length; i += 4) {{
                const name = names.get(d[i] << 16 | d[i + 1] << 8 | d[i + 2]) ?? "other";
                counts[name] = (counts[name] ?? 0) + 1;
            }}
            return counts;
        }})()""")
        wanted = ("guest", "kernel", "vmm") if canvas == "timeline" else ("write", "hover")
        expect({name for name in wanted if painted.get(name, 0) < 20}, set(), f"missing in {canvas}: {painted}")
    # Bars are thinner than a pixel there: their colours mix.
    expect(painted["other"] > painted["hover"] / 2, True, f"bars in memory: {painted}")
    expect(browser.run("document.querySelectorAll('#pie path').length"), len(set(page.columns["reason"])), "slices")
    wanted = {address >> 12 for reason, address in zip(page.columns["reason"], page.columns["physical"]) if reason == 48}
    expect(browser.run("pages.length"), len(wanted), "pages in EPT's picture")


@check
def paper_has_a_list(page, browser):
    browser.run("usePaper(true)")
    expect(browser.run("document.querySelectorAll('#print-list tbody tr').length"), 250, "printed rows")
    browser.run("usePaper(false)")


@check
def dark_is_dark(page, browser):
    paper = "getComputedStyle(document.body).backgroundColor"
    light = browser.run(paper)
    browser.scheme("dark")
    dark = browser.run(paper)
    browser.scheme("light")
    expect(brightness(light) > 200 > 60 > brightness(dark), True, f"{light} and {dark}")


def brightness(rgb):
    return sum(int(part) for part in re.findall(r"\d+", rgb)[:3]) / 3


@check
def no_script_complained(page, browser):
    expect(browser.log("browser"), [], "messages")


def two_vcpus(page, browser):
    """Another page, of two."""
    expect(browser.run("lanes.length"), 2, "lanes")
    for cpu in 0, 1:
        expect(filtered(browser, f"cpu:{cpu}"), page.columns["cpu"].count(cpu), f"exits of vCPU {cpu}")
    expect(browser.run("order.every((i, k) => k === 0 || exit[order[k - 1]] <= exit[i])"), True, "in order")
    expect(browser.log("browser"), [], "messages")


def main():
    directory = sys.argv[1]
    browser = Browser()
    failed = 0
    print("TAP version 13")
    try:
        plan = [(one, "one.html") for one in checks] + [(two_vcpus, "two.html")]
        opened = page = None
        for n, (function, name) in enumerate(plan, 1):
            if name != opened:
                opened = name
                page = Page(os.path.join(directory, name))
                browser.open(page.path)
                print(f"# {name} can be read after {browser.run('document.documentElement.dataset.ready')} ms")
            try:
                function(page, browser)
                print(f"ok {n} - report_page.{function.__name__}")
            except (AssertionError, RuntimeError, StopIteration) as error:
                failed += 1
                print(f"not ok {n} - report_page.{function.__name__}")
                print("# " + str(error).replace("\n", "\n# "))
        print(f"1..{len(plan)}")
    finally:
        browser.close()
    sys.exit(1 if failed else 0)


main()
