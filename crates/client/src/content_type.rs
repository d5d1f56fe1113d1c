//! Media types by file name.

/// The `Content-Type` of a file with this path.
pub fn content_type(path: &str) -> &'static str {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        "xml" => "application/xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_runs_has_the_type_that_it_insists_on() {
        assert_eq!(
            content_type("/assets/app-D4f5k2xQ.js"),
            "text/javascript; charset=utf-8"
        );
        assert_eq!(content_type("/app.css"), "text/css; charset=utf-8");
        assert_eq!(content_type("/index.html"), "text/html; charset=utf-8");
        assert_eq!(content_type("/api/openapi.json"), "application/json");
    }

    #[test]
    fn what_is_not_known_is_bytes() {
        assert_eq!(content_type("/LICENSE"), "application/octet-stream");
        assert_eq!(content_type("/a.xyz"), "application/octet-stream");
    }
}
