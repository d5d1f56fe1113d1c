//! What a page of the app will ask for first, so that a browser can ask for it beside the script, not
//! after it (`Link: rel=preload`, RFC 8288). The app asks in the very same words: components/client/web/src/api/queries.ts.

use http::{HeaderValue, Uri};

/// Who is signed in, and how prices are written: asked for by every page.
const EVERYWHERE: [&str; 2] = ["/api/users/currentuser", "/api/config"];
/// The list on the front page.
const ON_SALE: &str = "/api/tickets?limit=24";

/// The `Link` header for the page at `uri`.
#[must_use]
pub fn early_data(uri: &Uri) -> Option<HeaderValue> {
    // With a search it is another list, which is left to the app.
    let list = (uri.path() == "/" && uri.query().is_none()).then_some(ON_SALE);
    let links: Vec<String> = list
        .into_iter()
        .chain(EVERYWHERE)
        .map(|path| format!("<{path}>; rel=preload; as=fetch; crossorigin"))
        .collect();
    HeaderValue::from_str(&links.join(", ")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(uri: &str) -> String {
        let header = early_data(&uri.parse().unwrap()).unwrap();
        header.to_str().unwrap().to_owned()
    }

    #[test]
    fn the_front_page_has_its_list_at_once() {
        assert!(header("/").starts_with("</api/tickets?limit=24>; rel=preload; as=fetch"));
    }

    #[test]
    fn a_page_without_the_list_does_not_ask_for_it() {
        for page in ["/orders", "/?q=rock", "/signin?next=/"] {
            assert!(!header(page).contains("/api/tickets"), "{page}");
            assert!(header(page).contains("/api/users/currentuser"), "{page}");
        }
    }
}
