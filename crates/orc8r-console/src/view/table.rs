//! Lists whose filter, order and page stand in the URL.

use crate::rest::escaped;
use maud::{Markup, html};
use std::collections::BTreeMap;

/// The query of a list's URL, of which each link changes a part.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListUrl {
    path: String,
    query: BTreeMap<String, String>,
}

impl ListUrl {
    /// The list at a path, with what its URL says; what is empty is left out.
    pub(crate) fn new(path: impl Into<String>, query: &BTreeMap<String, String>) -> Self {
        let query = query.iter().filter(|(_, value)| !value.is_empty());
        Self { path: path.into(), query: query.map(|(name, value)| (name.clone(), value.clone())).collect() }
    }

    /// A value of the query; empty: it is not there.
    pub(crate) fn value(&self, name: &str) -> &str {
        self.query.get(name).map(String::as_str).unwrap_or_default()
    }

    /// The same list with another value; an empty one is taken out. But for the page itself, it begins at its first page.
    pub(crate) fn with(&self, name: &str, value: &str) -> String {
        let mut query = self.query.clone();
        if name != "page" {
            query.remove("page");
        }
        match value {
            "" => query.remove(name),
            value => query.insert(name.to_owned(), value.to_owned()),
        };
        let pairs: Vec<_> = query.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        if pairs.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, pairs.join("&")) }
    }

    /// The same list without anything in its URL.
    pub(crate) fn cleared(&self) -> &str {
        &self.path
    }

    /// The same list without these values.
    pub(crate) fn without(&self, names: &[&str]) -> Self {
        let kept = self.query.iter().filter(|(name, _)| !names.contains(&name.as_str()));
        Self {
            path: self.path.clone(),
            query: kept.map(|(name, value)| (name.clone(), value.clone())).collect(),
        }
    }

    /// The values whose names begin so, with the rest of their names.
    pub(crate) fn beginning_with(&self, prefix: &str) -> Vec<(String, String)> {
        let named =
            |(name, value): (&String, &String)| Some((name.strip_prefix(prefix)?.to_owned(), value.clone()));
        self.query.iter().filter_map(named).collect()
    }

    /// What is in its URL, as fields of a form that leaves it there.
    pub(crate) fn hidden(&self) -> Markup {
        html! { @for (name, value) in &self.query { input type="hidden" name=(name) value=(value); } }
    }

    /// The query as the API is asked.
    pub(crate) fn query(&self) -> String {
        let whole = self.with("page", self.value("page"));
        whole.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default()
    }

    /// The heading of a column by which the list can be ordered.
    pub(crate) fn heading(&self, title: &str, key: &str) -> Markup {
        let descending = format!("-{key}");
        let sort = self.value("sort");
        let (order, next, sign) = match sort {
            sort if sort == key => ("ascending", descending.as_str(), " ↑"),
            sort if sort == descending => ("descending", key, " ↓"),
            _ => ("none", key, ""),
        };
        html! { th scope="col" aria-sort=(order) { a href=(self.with("sort", next)) { (title) span aria-hidden="true" { (sign) } } } }
    }

    /// The links between pages of `size` rows; the first page is 1.
    pub(crate) fn pages(&self, page: usize, size: usize, count: usize) -> Markup {
        let last = count.div_ceil(size.max(1)).max(1);
        let page = page.clamp(1, last);
        let (from, to) = ((page - 1) * size, (page * size).min(count));
        html! {
            nav.pages aria-label="Pages" {
                @if count > 0 { span { (from + 1) "–" (to) " of " (count) } }
                @if last > 1 {
                    @if page > 1 { a.button href=(self.with("page", &(page - 1).to_string())) rel="prev" { "Previous" } }
                    @if page < last { a.button href=(self.with("page", &(page + 1).to_string())) rel="next" { "Next" } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_link_changes_its_part_of_the_url() {
        let query = [("q", "a b"), ("page", "3"), ("sort", "id"), ("state", "")];
        let query = query.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let url = ListUrl::new("/l", &query);
        assert_eq!(url.with("state", "down"), "/l?q=a%20b&sort=id&state=down");
        assert_eq!(url.with("page", "4"), "/l?page=4&q=a%20b&sort=id");
        assert_eq!(url.with("q", ""), "/l?sort=id");
        assert_eq!(url.query(), "page=3&q=a%20b&sort=id");
        assert!(url.heading("Id", "id").into_string().contains("sort=-id"));
        assert!(url.pages(3, 50, 101).into_string().contains("101–101 of 101"));
    }
}
