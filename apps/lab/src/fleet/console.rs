//! The console's pages with a large network behind them: every page that links lead to, and how long each takes the server.

use super::histogram::Histogram;
use crate::rest::Rest;
use anyhow::{Result, ensure};
use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

/// How often a page is read.
const TIMES: usize = 20;
/// No more pages than these are read.
const PAGES_MAX: usize = 120;
/// What is no page, or goes on for ever.
const NO_PAGES: [&str; 7] = [".csv", "/assets/", "/live", "/sign-", "export", "download", "backup"];

/// The console as it was measured.
#[derive(Clone, Debug, Default)]
pub struct Pages {
    /// Pages that were read.
    pub count: usize,
    /// Of each page, the time within which 95 of 100 came; the longest of them.
    pub p95: Duration,
    /// The page that took it.
    pub slowest: String,
    /// The largest page, in bytes.
    pub bytes_max: usize,
}

/// Reads every page that links lead to, beginning at the first.
pub async fn measure(rest: &Rest) -> Result<Pages> {
    let mut pages = Pages::default();
    let mut seen = BTreeSet::from([shape("/console/")]);
    let mut queue = VecDeque::from(["/console/".to_owned()]);
    while let Some(path) = queue.pop_front() {
        let times = Histogram::default();
        let mut html = String::new();
        for _ in 0..TIMES {
            let began = Instant::now();
            html = rest.page(&path).await?;
            times.add(began.elapsed());
        }
        pages.count += 1;
        pages.bytes_max = pages.bytes_max.max(html.len());
        let p95 = times.percentile(0.95);
        tracing::debug!(
            path,
            milliseconds = p95.as_secs_f64() * 1e3,
            bytes = html.len(),
            "a page of the console"
        );
        if p95 > pages.p95 {
            (pages.p95, pages.slowest) = (p95, path);
        }
        for link in links(&html) {
            if seen.len() < PAGES_MAX && seen.insert(shape(&link)) {
                queue.push_back(link);
            }
        }
    }
    ensure!(pages.count > 1, "the console's first page leads nowhere");
    Ok(pages)
}

/// Where the links of a page lead, within the console.
fn links(html: &str) -> Vec<String> {
    let places = html.split(" href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let pages = places.filter(|place| place.starts_with("/console/"));
    let pages = pages.filter(|place| !NO_PAGES.iter().any(|part| place.contains(part)));
    pages.map(|place| place.split('#').next().unwrap_or(place).replace("&amp;", "&")).collect()
}

/// What a link leads to, whichever one of many it is: names that end with a number are all the same, and so are the values of a
/// query.
fn shape(link: &str) -> String {
    let (path, query) = link.split_once('?').unwrap_or((link, ""));
    let part = |part: &str| {
        if part.ends_with(|end: char| end.is_ascii_digit()) { "*".to_owned() } else { part.to_owned() }
    };
    let path: Vec<String> = path.split('/').map(part).collect();
    let names: Vec<&str> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    format!("{}?{}", path.join("/"), names.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_many_stands_for_all() {
        let html = r#"<a href="/console/n/x?a=1&amp;b=2#top"> <a class="y" href="https://elsewhere/"> <a href="/console/live">"#;
        assert_eq!(links(html), ["/console/n/x?a=1&b=2"]);
        assert_eq!(shape("/console/gateways/gw1?page=2"), shape("/console/gateways/gw7?page=3"));
        assert_ne!(shape("/console/gateways/gw1/logs"), shape("/console/gateways/gw1"));
    }
}
