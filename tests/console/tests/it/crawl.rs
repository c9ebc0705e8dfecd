//! What one finds who follows every link.

use std::collections::{BTreeSet, VecDeque};

use serde_json::{Value, json};

use crate::browser::Browser;

/// There are not more; when there are, something leads to ever new ones, or this wants another number.
const PAGES_MAX: usize = 400;

/// A page's links and forms, as a browser reads them. What has to be typed to confirm is typed; what would be looked at first
/// is saved at once.
pub const READ: &str = "return fetch(arguments[0]).then(async (answer) => {\
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');\
    const links = [...page.querySelectorAll('a[href^=\"/console/\"]')].map((link) => link.getAttribute('href').split('#')[0]);\
    const forms = [...page.querySelectorAll('form[method=post]')].map((form) => {\
        const fields = [...new FormData(form)].filter(([, value]) => typeof value === 'string');\
        const button = form.querySelector('button[name]');\
        if (button) fields.push([button.name, button.name === '_step' ? 'save' : button.value]);\
        const asked = form.querySelector('label strong')?.textContent;\
        return {action: form.getAttribute('action') || arguments[0], fields: fields.map(([name, value]) => [name, value || asked || 'x'])};\
    });\
    const headers = Object.fromEntries(answer.headers);\
    return {status: answer.status, headers, links, forms};\
});";

/// What each page tells a browser: to hold to the policy, to keep nothing, to guess nothing, and to be in no other page.
const PROTECTION: [(&str, &str); 5] = [
    ("content-security-policy", "default-src 'none'; script-src 'self'; "),
    ("content-security-policy", "frame-ancestors 'none'"),
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
];

/// Everybody may do these, for himself.
const OWN: [&str; 4] = ["/console/theme", "/console/sign-out", "/console/account", "/console/setup"];

/// What an owner finds: pages, and the forms on them.
pub struct Found {
    pub pages: Vec<String>,
    pub forms: Vec<Value>,
}

/// Follows every link, beginning at the first page.
pub async fn crawl(browser: &Browser) -> Found {
    let mut found = Found { pages: Vec::new(), forms: Vec::new() };
    let mut queue = VecDeque::from(["/console/".to_owned()]);
    let mut seen = BTreeSet::from([shape("/console/")]);
    let mut sent = BTreeSet::new();
    while let Some(page) = queue.pop_front() {
        let read = browser.run(READ, json!([page])).await;
        assert!(read["status"].as_u64().unwrap() < 400, "{page}: {read}");
        let is_page = read["headers"]["content-type"].as_str().unwrap().starts_with("text/html");
        for (name, part) in PROTECTION.iter().filter(|_| is_page) {
            let said = read["headers"][name].as_str().unwrap_or_default();
            assert!(said.contains(part), "{page}: {name}: {said}");
        }
        for form in read["forms"].as_array().unwrap() {
            let action = form["action"].as_str().unwrap();
            let names: Vec<&str> =
                form["fields"].as_array().unwrap().iter().filter_map(|field| field[0].as_str()).collect();
            let is_own = OWN.iter().any(|own| action.starts_with(own));
            if !is_own && sent.insert(format!("{} {names:?}", shape(action))) {
                found.forms.push(form.clone());
            }
        }
        for link in read["links"].as_array().unwrap().iter().filter_map(Value::as_str) {
            if seen.insert(shape(link)) {
                queue.push_back(link.to_owned());
            }
        }
        assert!(seen.len() <= PAGES_MAX, "more than {PAGES_MAX} pages: {:?}", seen.last());
        found.pages.push(page);
    }
    found
}

/// Which page it is, whatever its list is narrowed by.
fn shape(link: &str) -> String {
    let (path, query) = link.split_once('?').unwrap_or((link, ""));
    let names: Vec<&str> =
        query
            .split('&')
            .filter(|pair| !pair.starts_with("back="))
            .map(|pair| {
                if pair.starts_with("resource=") { pair } else { pair.split('=').next().unwrap_or_default() }
            })
            .collect();
    format!("{path}?{}", names.join("&"))
}
