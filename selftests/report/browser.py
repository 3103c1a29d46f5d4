# SPDX-License-Identifier: GPL-2.0
"""A headless Chromium, asked through chromedriver (W3C WebDriver)."""
import base64
import json
import os
import subprocess
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"Down": "\ue015", "Up": "\ue013", "Left": "\ue012", "Right": "\ue014",
        "Home": "\ue011", "End": "\ue010", "PageDown": "\ue00f", "Enter": "\ue007",
        "Escape": "\ue00c", "Tab": "\ue004"}


class Browser:
    def __init__(self, size="1500,1200"):
        # Port 0: chromedriver takes a free one, and says which.
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for line in self.driver.stdout:
            if "on port " in line and "successfully" in line:
                port = line.split("on port ")[1].strip(" .\n")
                break
        else:
            raise RuntimeError("chromedriver does not start")
        self.base = f"http://127.0.0.1:{port}/session"
        arguments = ["--headless=new", "--disable-gpu", f"--window-size={size}",
                     "--hide-scrollbars", "--disable-dev-shm-usage"]
        if os.getuid() == 0:
            arguments.append("--no-sandbox")    # Chromium's own refuses root
        options = {"args": arguments}
        logs = {"browser": "ALL", "performance": "ALL"}
        answer = self.call("POST", "", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": options, "goog:loggingPrefs": logs}}})
        self.base += "/" + answer["sessionId"]

    def scheme(self, name):
        """What the reader prefers: light or dark."""
        self.command("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": name}]})

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from None

    def command(self, name, params):
        return self.call("POST", "/goog/cdp/execute", {"cmd": name, "params": params})

    def open(self, path):
        self.call("POST", "/url", {"url": "file://" + os.path.abspath(path)})
        self.wait("document.documentElement.dataset.ready !== undefined")

    def run(self, script):
        """What a JavaScript expression is."""
        return self.call("POST", "/execute/sync", {"script": "return " + script, "args": []})

    def wait(self, condition):
        for _ in range(600):
            if self.run(condition):
                return
            time.sleep(0.05)
        raise RuntimeError("it does not come true: " + condition)

    def keys(self, selector, text):
        element = self.call("POST", "/element", {"using": "css selector", "value": selector})
        self.call("POST", f"/element/{element[ELEMENT]}/value", {"text": text})

    def click(self, selector):
        element = self.call("POST", "/element", {"using": "css selector", "value": selector})
        self.call("POST", f"/element/{element[ELEMENT]}/click", {})

    def hover(self, selector):
        element = self.call("POST", "/element", {"using": "css selector", "value": selector})
        self.call("POST", "/actions", {"actions": [{
            "type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"},
            "actions": [{"type": "pointerMove", "x": 0, "y": 0, "origin": element}]}]})

    def log(self, kind):
        return self.call("POST", "/se/log", {"type": kind})

    def screenshot(self, path):
        with open(path, "wb") as out:
            out.write(base64.b64decode(self.call("GET", "/screenshot")))

    def close(self):
        try:
            self.call("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()
