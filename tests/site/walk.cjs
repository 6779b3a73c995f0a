// Walks a site as a leader does, index → township → domain → letter, by mouse and by keyboard alone, wide and as on a phone.
// Fails on any console error, any request but to file:, anything that axe-core finds, a page wider than its window, and a table that does not sort.
"use strict";
const { existsSync, readdirSync, statSync } = require("fs");
const path = require("path");
const { pathToFileURL } = require("url");
const puppeteer = require("puppeteer-core");

const folder = path.resolve(process.argv[2]);
const browserPath = process.env.CHROMIUM || "/usr/bin/chromium";
const wrong = [];
const note = (what) => { wrong.push(what); console.error(what); };

function pages(within) {
  return readdirSync(within).flatMap((name) => {
    const at = path.join(within, name);
    return statSync(at).isDirectory() ? pages(at) : name.endsWith(".html") ? [at] : [];
  });
}

async function judge(page, name) {
  await page.addScriptTag({ path: require.resolve("axe-core") });
  const found = await page.evaluate(async () => (await window.axe.run()).violations.map((v) => `${v.id}: ${v.help}: ${v.nodes[0].html.slice(0, 160)}`));
  found.forEach((what) => note(`${name}: ${what}`));
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (over > 1) note(`${name}: ${over} px wider than its window`);
}

(async () => {
  const browser = await puppeteer.launch({ executablePath: browserPath, headless: true, args: ["--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"] });
  const page = await browser.newPage();
  page.on("console", (message) => message.type() === "error" && note(`${page.url()}: console: ${message.text()}`));
  page.on("pageerror", (error) => note(`${page.url()}: ${error.message}`));
  page.on("request", (request) => /^(file|data):/.test(request.url()) || note(`${page.url()}: asks for ${request.url()}`));
  const all = pages(folder);
  const open = (at) => page.goto(pathToFileURL(at).href, { waitUntil: "load" });
  const name = (at) => path.relative(folder, at);

  // Every link leads somewhere.
  let links = 0;
  for (const at of all) {
    await open(at);
    const hrefs = await page.$$eval("a[href]", (found) => found.map((a) => a.href.baseVal ?? a.href));
    for (const href of hrefs) {
      const target = new URL(href, pathToFileURL(at));
      links += 1;
      if (target.protocol !== "file:" || !existsSync(decodeURIComponent(target.pathname))) note(`${name(at)}: ${href} leads nowhere`);
    }
  }
  for (const [width, height] of [[1280, 900], [390, 844]]) {
    await page.setViewport({ width, height });
    for (const at of [path.join(folder, "index.html"), ...["areas", "domains", "letters"].flatMap((d) => pages(path.join(folder, d)).slice(0, 2)), path.join(folder, "letters.html")]) {
      await open(at);
      await judge(page, `${name(at)} (${width} px)`);
    }
  }

  // By mouse: index → township → domain → letter.
  await page.setViewport({ width: 1280, height: 900 });
  await open(path.join(folder, "index.html"));
  const follow = async (selector) => {
    const link = await page.$(selector);
    if (!link) return note(`${page.url()}: there is no ${selector}`);
    await Promise.all([page.waitForNavigation({ waitUntil: "load" }), link.click()]);
  };
  await follow("table a[href*='areas/']");
  await follow("table a[href*='domains/']");
  await follow("header a[href*='index.html']");
  await follow("table a[href*='letters/']");
  if (!page.url().includes("/letters/")) note(`the walk ended at ${page.url()}`);

  // A table sorts by the figures of a column, whichever way, with the keyboard.
  await open(path.join(folder, "index.html"));
  const column = async () => page.$eval("table.sortable", (t) => [...t.tBodies[0].rows].map((r) => r.cells[1].dataset.value).filter((v) => v !== undefined).map(Number));
  const sorted = (values, ascending) => values.every((v, i) => i === 0 || (ascending ? values[i - 1] <= v : values[i - 1] >= v));
  await page.focus("table.sortable thead th:nth-child(2) button");
  await page.keyboard.press("Enter");
  if (!sorted(await column(), true)) note("the first table does not sort upwards");
  await page.keyboard.press("Enter");
  if (!sorted(await column(), false)) note("the first table does not sort downwards");

  // By keyboard alone: Tab reaches a township's link, and Enter opens it.
  await open(path.join(folder, "index.html"));
  let reached = false;
  for (let i = 0; i < 200 && !reached; i += 1) {
    await page.keyboard.press("Tab");
    reached = await page.evaluate(() => (document.activeElement.getAttribute("href") || "").includes("areas/"));
  }
  if (!reached) note("Tab reaches no township");
  else {
    await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.keyboard.press("Enter")]);
    if (!page.url().includes("/areas/")) note(`Enter led to ${page.url()}`);
  }
  await browser.close();
  console.log(`${all.length} pages, ${links} links, ${wrong.length} faults`);
  process.exit(wrong.length ? 1 : 0);
})().catch((error) => { console.error(error); process.exit(2); });
