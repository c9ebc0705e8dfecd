//! What a person does in a browser, and what must hold on every page: no console error, and nothing that axe calls serious.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::webdriver::Driver;
use crate::world::World;

/// Generous, for a slow machine.
const LIMIT: Duration = Duration::from_secs(60);

/// What looks for barriers.
const AXE: &str = include_str!("../../assets/axe-core-4.14.1.min.js");

/// A browser at a console.
pub struct Browser {
    driver: Driver,
    base: String,
}

impl Browser {
    /// A browser that nobody has signed in with; `None`: there is none on this machine.
    pub async fn open(world: &World) -> Option<Self> {
        Some(Self { driver: Driver::start(1280, 900).await?, base: world.url() })
    }

    /// One with which somebody has signed in.
    pub async fn signed_in(world: &World, user: &str, password: &str) -> Option<Self> {
        let browser = Self::open(world).await?;
        browser.go("/console/").await;
        browser.sign_in(user, password).await;
        browser
            .until("the overview", "return document.querySelector('h1')?.textContent === 'Overview'")
            .await;
        Some(browser)
    }

    /// Fills the page where one signs in.
    pub async fn sign_in(&self, user: &str, password: &str) {
        self.fill("[name=username]", user).await;
        self.fill("[name=password]", password).await;
        self.click("form.sign-in button[type=submit]").await;
    }

    /// Goes to a page.
    pub async fn go(&self, path: &str) {
        self.driver.command("/url", json!({"url": format!("{}{path}", self.base)})).await;
    }

    /// Goes to a page that is not ours.
    pub async fn go_elsewhere(&self, url: &str) {
        self.driver.command("/url", json!({"url": url})).await;
    }

    /// Runs a script in the page.
    pub async fn js(&self, script: &str) -> Value {
        self.driver.command("/execute/sync", json!({"script": script, "args": []})).await
    }

    /// Runs a script in the page with arguments, and waits for what it promises.
    pub async fn run(&self, script: &str, arguments: Value) -> Value {
        self.driver.command("/execute/sync", json!({"script": script, "args": arguments})).await
    }

    /// Whoever is signed in is not any more.
    pub async fn sign_out(&self) {
        self.go("/console/").await;
        self.js("document.querySelector('form[action=\"/console/sign-out\"]').submit()").await;
        self.until("signed out", "return document.querySelector('form.sign-in') !== null").await;
    }

    /// Waits until a script says that it is so.
    pub async fn until(&self, what: &str, script: &str) {
        let begun = Instant::now();
        // A page that goes takes the script with it that runs in it.
        let asked = json!({"script": script, "args": []});
        while self.driver.attempt("/execute/sync", asked.clone()).await != Ok(json!(true)) {
            if begun.elapsed() > LIMIT {
                let text = self.js("return location.href + '\\n' + document.body.innerText").await;
                panic!("not so: {what}; the page is {}", text.as_str().unwrap_or_default());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the page has this text.
    pub async fn until_text(&self, text: &str) {
        let script = format!("return document.body.innerText.includes({})", json!(text));
        self.until(text, &script).await;
    }

    /// Where the browser is, without its origin.
    pub async fn place(&self) -> String {
        self.js("return location.pathname + location.search").await.as_str().unwrap().to_owned()
    }

    /// Clicks as a person does: what is covered or not shown cannot be clicked.
    pub async fn click(&self, selector: &str) {
        let element = self.element(selector).await;
        self.driver.command(&format!("/element/{element}/click"), json!({})).await;
    }

    /// Drags over an element, from one part of its width to another.
    pub async fn drag(&self, selector: &str, from: f64, to: f64) {
        let (from, to) = (self.point(selector, from).await, self.point(selector, to).await);
        let actions = json!([
            {"type": "pointerMove", "x": from.0, "y": from.1}, {"type": "pointerDown", "button": 0},
            {"type": "pointerMove", "duration": 100, "x": (from.0 + to.0) / 2, "y": to.1},
            {"type": "pointerMove", "duration": 100, "x": to.0, "y": to.1}, {"type": "pointerUp", "button": 0},
        ]);
        self.point_with(actions).await;
    }

    /// Clicks twice in the middle of an element.
    pub async fn double_click(&self, selector: &str) {
        let (x, y) = self.point(selector, 0.5).await;
        let (down, up) =
            (json!({"type": "pointerDown", "button": 0}), json!({"type": "pointerUp", "button": 0}));
        self.point_with(json!([{"type": "pointerMove", "x": x, "y": y}, down, up, down, up])).await;
    }

    async fn point_with(&self, actions: Value) {
        let source = json!({"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": actions});
        self.driver.command("/actions", json!({"actions": [source]})).await;
    }

    /// Where an element is on the screen, after it was scrolled there.
    async fn point(&self, selector: &str, part: f64) -> (i64, i64) {
        let script = format!(
            "const one = document.querySelector({}); one.scrollIntoView({{block: 'center'}});\
             const box = one.getBoundingClientRect();\
             return [Math.round(box.left + box.width * {part}), Math.round(box.top + box.height / 2)]",
            json!(selector)
        );
        let point = self.js(&script).await;
        (point[0].as_i64().unwrap(), point[1].as_i64().unwrap())
    }

    /// Presses keys together, the first of them first, wherever the focus is.
    pub async fn press(&self, keys: &[&str]) {
        let down = keys.iter().map(|key| json!({"type": "keyDown", "value": key}));
        let up = keys.iter().rev().map(|key| json!({"type": "keyUp", "value": key}));
        let source = json!({"type": "key", "id": "keyboard", "actions": down.chain(up).collect::<Vec<_>>()});
        self.driver.command("/actions", json!({"actions": [source]})).await;
    }

    /// Types into a field, after what is in it was deleted.
    pub async fn fill(&self, selector: &str, text: &str) {
        let element = self.element(selector).await;
        self.driver.command(&format!("/element/{element}/clear"), json!({})).await;
        self.driver.command(&format!("/element/{element}/value"), json!({"text": text})).await;
    }

    async fn element(&self, selector: &str) -> String {
        let found =
            self.driver.command("/element", json!({"using": "css selector", "value": selector})).await;
        found.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned()
    }

    /// Passes over what the browser has said so far: it counts a page that refuses something as an error.
    pub async fn expect_errors(&self) {
        self.driver.command("/se/log", json!({"type": "browser"})).await;
    }

    /// What must hold on every page: nothing went wrong in its script, and nothing keeps anybody out.
    pub async fn check(&self, name: &str) {
        let log = self.driver.command("/se/log", json!({"type": "browser"})).await;
        let errors: Vec<_> =
            log.as_array().unwrap().iter().filter(|line| line["level"] == "SEVERE").collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
        for theme in ["light", "dark"] {
            self.js(&format!("document.documentElement.dataset.theme = '{theme}'")).await;
            self.screenshot(&format!("{name}-{theme}")).await;
            self.barriers(name, theme).await;
        }
    }

    async fn barriers(&self, name: &str, theme: &str) {
        self.js(AXE).await;
        // What fades in has the contrast of a shadow on its way: judged is what stays.
        let script = "const done = arguments[arguments.length - 1];\
            const ends = (one) => Number.isFinite(one.effect.getComputedTiming().endTime);\
            const still = document.getAnimations().filter(ends).map((one) => one.finished.catch(() => {}));\
            Promise.all(still).then(() => axe.run(document, {resultTypes: ['violations']})).then((found) => done(found.violations\
            .filter((one) => ['serious', 'critical'].includes(one.impact))\
            .map((one) => one.id + ': ' + one.nodes.map((node) => node.target + ' ' + node.failureSummary).join('; '))))";
        let found = self.driver.command("/execute/async", json!({"script": script, "args": []})).await;
        assert_eq!(found, json!([]), "{name}, {theme}");
    }

    /// Writes what one sees, where a person can look at it: to the folder that CONSOLE_SCREENSHOTS names.
    async fn screenshot(&self, name: &str) {
        let Some(folder) = std::env::var_os("CONSOLE_SCREENSHOTS").map(PathBuf::from) else { return };
        std::fs::create_dir_all(&folder).unwrap();
        let picture = self.driver.ask("/screenshot").await;
        let bytes = STANDARD.decode(picture.as_str().unwrap()).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), bytes).unwrap();
    }

    /// The requests of the page that is shown: their URLs, and the bytes that each of them took on its way.
    pub async fn requests(&self) -> Vec<(String, u64)> {
        let script = "return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]\
            .map((one) => [one.name, one.transferSize])";
        let list = self.js(script).await;
        let entry = |one: &Value| (one[0].as_str().unwrap().to_owned(), one[1].as_u64().unwrap());
        list.as_array().unwrap().iter().map(entry).collect()
    }

    /// Pages have no scripts from now on.
    pub async fn without_scripts(&self) {
        let off = json!({"cmd": "Emulation.setScriptExecutionDisabled", "params": {"value": true}});
        self.driver.command("/goog/cdp/execute", off).await;
    }

    /// Whatever is fetched next is fetched for the first time.
    pub async fn forget_cache(&self) {
        let clear = json!({"cmd": "Network.clearBrowserCache", "params": {}});
        self.driver.command("/goog/cdp/execute", clear).await;
    }

    /// Ends the browser.
    pub async fn quit(self) {
        self.driver.quit().await;
    }
}
