"""The pages' accessibility: names and roles, contrast, small screens, colours, and the content security policy."""

import pytest

from test_console import console

PAGES = ["/", "/websocket-test"]

# Every piece of text that can be seen against what is behind it (WCAG 2.2, 1.4.3: 4.5, or 3 where it is large).
LOW_CONTRAST = """(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (color) => rgba(color).slice(0, 3).map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const color = getComputedStyle(element).backgroundColor;
      if (rgba(color)[3] === 255) return color;
    }
    return 'white';
  };
  const low = [];
  for (const element of document.querySelectorAll('body *')) {
    const isText = element.matches('input, textarea, select')
      || [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const isSeen = element.checkVisibility() && !element.matches(':disabled, .visually-hidden, .visually-hidden *');
    if (!isText || !isSeen) continue;
    const style = getComputedStyle(element);
    const color = element instanceof SVGElement ? style.fill : style.color;
    const [one, other] = [light(color), light(behind(element))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    const needed = parseFloat(style.fontSize) >= 24 ? 3 : 4.5;
    if (ratio < needed) low.push(`${element.outerHTML.slice(0, 80)} ${ratio.toFixed(2)}`);
  }
  return low;
})()"""


def busy(redis, visit, node, task):
    """A console with a task of every kind."""
    tasks = [f"{task}-{kind}" for kind in ["running", "done", "failed", "unknown"]]
    redis.fcall(tasks[0], {"progress": 40, "currentStage": "RENDER", "completedStages": ["PLAN"], "message": "frame 4"})
    redis.fcall(tasks[1], {"type": "completed", "result": {"videoUrl": "https://example.com/a.mp4"}})
    redis.fcall(tasks[2], {"progress": 50})
    redis.fcall(tasks[2], {"type": "failed", "error": "out of memory"})
    page = console(visit, node, *tasks)
    page.wait("document.querySelectorAll('#node-rows tr').length > 0")
    page.wait_for("connection", "#online-users")
    return page, tasks


def bench(visit, node, dialect="tasks"):
    page = visit(node.url("/websocket-test").replace("ws://", "http://"))
    page.wait("document.getElementById('example').options.length > 0")
    page.run(f"document.querySelector('input[value={dialect}]').click()")
    return page


# What a screen reader is told.


def test_a_screen_reader_finds_its_way(redis, node, visit, task):
    page, tasks = busy(redis, visit, node, task)
    told = page.accessible()
    roles = {(role, name) for role, name, _ in told}
    for role, name in [
            ("banner", ""), ("main", ""), ("contentinfo", ""), ("heading", "Fantail"), ("heading", "Tasks"),
            ("heading", "Online"), ("heading", "Nodes"), ("heading", "Publish a test event"), ("heading", tasks[0]),
            ("region", "Tasks"), ("region", "Online"), ("list", "Users online"), ("list", f"Stages of {tasks[0]}"),
            ("textbox", "Task to watch"), ("button", "Watch"), ("button", f"Stop watching {tasks[0]}"),
            ("button", "Sign out"), ("radio", "Dark"), ("columnheader", "Connections"), ("slider", "Progress"),
            ("link", "Open the result"), ("link", "Skip to the tasks")]:
        assert (role, name) in roles, (role, name)
    bars = {name: properties for role, name, properties in told if role.lower().startswith("progress")}
    assert set(bars) == {f"Progress of {one}" for one in tasks[:3]}
    assert float(bars[f"Progress of {tasks[0]}"]["value"]) == 40
    images = [name for role, name, _ in told if role in ("image", "img") and name]
    assert any(name.startswith("Users online in the last 2 minutes: now ") for name in images)
    assert any(name.startswith("Events a second in the last minute: now ") for name in images)


@pytest.mark.parametrize("path", PAGES)
def test_everything_that_can_be_used_has_a_name(redis, node, visit, task, path):
    page = busy(redis, visit, node, task)[0] if path == "/" else bench(visit, node)
    controls = {"button", "textbox", "searchbox", "combobox", "checkbox", "radio", "slider", "link", "spinbutton"}
    told = page.accessible()
    assert len([one for one in told if one[0] in controls]) > 10
    assert [one for one in told if one[0] in controls and not one[1].strip()] == []
    ids = page.run("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))


def test_the_keyboard_reaches_everything_and_the_focus_is_seen(redis, node, visit, task):
    page, tasks = busy(redis, visit, node, task)
    page.run("document.activeElement.blur()")
    reached = []
    for _ in range(40):
        page.press("Tab")
        if page.run("document.activeElement === document.body"):
            break
        reached.append(page.focused())
        outline = page.run("""(() => {
          const one = document.activeElement, box = one.matches('.choice input') ? one.nextElementSibling : one;
          const { outlineStyle, outlineWidth } = getComputedStyle(box);
          return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
        })()""")
        assert outline, f"the focus on {reached[-1]} cannot be seen"
    for one in ["Skip to the tasks", "sign-out", "task-id", "Watch", f"Stop watching {tasks[3]}", "remove-ended",
                "publish-task", "publish-kind", "publish-progress", "publish-json", "Publish"]:
        assert one in reached, (one, reached)
    assert reached.index("task-id") < reached.index(f"Stop watching {tasks[0]}") < reached.index("publish-task")


# What eyes see.


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_all_text_stands_out_enough(redis, node, site, visit, task, theme, path):
    page = busy(redis, visit, site, task)[0] if path == "/" else bench(visit, node)
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
    assert page.run("getComputedStyle(document.documentElement).backgroundColor") == (
        "rgb(245, 246, 246)" if theme == "light" else "rgb(16, 20, 19)")
    if path == "/":
        page.run("document.querySelector('.history').open = true")
        page.wait_for("viewer", ".history")
        assert page.run(LOW_CONTRAST) == []
        site.nodes = []
        site.cut()
        page.wait_for("The connection is lost", "#notice")
    assert page.run(LOW_CONTRAST) == []
    page.run("[...document.querySelectorAll('h2')].find((one) => one.checkVisibility()).style.color = 'var(--edge)'")
    assert len(page.run(LOW_CONTRAST)) == 1  # or nothing would have been measured


@pytest.mark.parametrize("path", PAGES)
def test_a_telephone_is_wide_enough(redis, node, visit, task, path):
    page = busy(redis, visit, node, task)[0] if path == "/" else bench(visit, node)
    for width in [390, 320]:
        page.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=2, mobile=True)
        assert page.run("document.documentElement.scrollWidth") <= width


def test_the_colours_are_chosen_once_for_both_pages(node, visit):
    page = visit(node.url("/").replace("ws://", "http://"))
    background = "getComputedStyle(document.documentElement).backgroundColor"
    page.click("input[value=dark]")
    assert page.run(background) == "rgb(16, 20, 19)"
    page.call("Page.navigate", url=node.url("/websocket-test").replace("ws://", "http://"))
    page.wait("document.title.startsWith('WebSocket test') && document.querySelector('input[value=dark]')?.checked")
    assert page.run(background) == "rgb(16, 20, 19)"
    page.click("input[value=auto]")
    assert page.run("document.documentElement.dataset.theme") is None


# What protects them.


@pytest.mark.parametrize("path", PAGES)
def test_the_policy_is_strict_and_stops_what_it_should(node, visit, path):
    policy = node.request("GET", path).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "style-src 'self'" in policy
    assert "unsafe" not in policy and "http" not in policy and "*" not in policy
    page = visit(node.url(path).replace("ws://", "http://"))
    assert page.run("violations") == []
    page.run("""(() => {
      const script = document.createElement('script');
      script.append('window.isBroken = true');
      try { document.body.append(script); } catch { /* trusted types refuse the text itself */ }
      document.body.setAttribute('style', 'color: red');
      new Image().src = 'http://127.0.0.1:9/outside.png';
    })()""")
    page.wait("violations.length >= 3")
    assert page.run("window.isBroken") is None
    page.run("violations.length = 0")
    page.requests = [one for one in page.requests if not one.endswith("/outside.png")]


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_script_or_style_of_its_own(node, path):
    html = node.request("GET", path).body.decode()
    assert "<script>" not in html and "<style" not in html and "style=" not in html and " onclick" not in html
    assert "http://" not in html and "https://" not in html
