//! `/swagger/v1/ui/`: the page with the API's documentation is complete without any other server.

use crate::cloud::Cloud;
use axum::http::header;

const PAGE: &str = "/swagger/v1/ui/";

/// What stands in an attribute of the page: `src="…"` or `href="…"`.
fn references(page: &str) -> Vec<&str> {
    let attributes = ["src=\"", "href=\""].into_iter();
    let values = attributes.flat_map(|attribute| page.split(attribute).skip(1));
    values.filter_map(|rest| rest.split('"').next()).collect()
}

#[tokio::test]
async fn everything_that_the_page_names_is_served_and_nothing_of_it_is_elsewhere() {
    let cloud = Cloud::empty().await;
    let page = cloud.ask(None, "GET", PAGE, "").await;
    assert_eq!(page.status, 200, "{page:?}");
    let named = references(&page.text);
    assert!(named.len() >= 3, "{named:?}");
    let mut texts = vec![page.text.clone()];
    for name in named {
        let path = if name.starts_with('/') { name.to_owned() } else { format!("{PAGE}{name}") };
        let answer = cloud.ask(Some("admin"), "GET", &path, "").await;
        assert_eq!(answer.status, 200, "{path}");
        if path.starts_with(PAGE) {
            texts.push(answer.text);
        }
    }
    assert_eq!(texts.len(), 3, "the page, its script, its style");
    for text in &texts {
        assert!(!text.contains("http"), "an address elsewhere");
        assert!(!text.contains("style=") && !text.contains("onclick"), "its policy forbids what is inline");
        assert!(!text.contains("innerHTML"), "what the document says is text");
    }
    assert_eq!(cloud.ask(None, "GET", "/swagger/v1/ui/viewer.js", "").await.status, 404, "an old name");
    assert_eq!(
        cloud.ask(None, "GET", "/swagger/v1/spec", "").await.status,
        401,
        "the document is for who is known"
    );
}

#[tokio::test]
async fn a_browser_keeps_to_the_policy_and_keeps_what_never_changes() {
    let cloud = Cloud::empty().await;
    let page = cloud.respond(None, PAGE).await;
    let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(page.headers()[header::CACHE_CONTROL], "no-cache");
    let text = cloud.ask(None, "GET", PAGE, "").await.text;
    for name in references(&text).into_iter().filter(|name| name.starts_with("viewer")) {
        let asset = cloud.respond(None, &format!("{PAGE}{name}")).await;
        assert!(asset.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"), "{name}");
    }
    for path in ["/swagger/v1/ui", "/apidocs/v1", "/apidocs/v1/"] {
        let moved = cloud.respond(None, path).await;
        assert_eq!(
            (moved.status().as_u16(), &moved.headers()[header::LOCATION]),
            (308, &PAGE.parse().unwrap())
        );
    }
}
