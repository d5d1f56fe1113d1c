//! The files of the site, and which of them a path means.

/// A file of the build, with its compressed forms, all made at compile time.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// Its path in the URL, with the leading slash.
    pub path: &'static str,
    /// The SHA-256 of its bytes in hexadecimal, or enough of it to tell versions apart.
    pub digest: &'static str,
    /// Its bytes.
    pub identity: &'static [u8],
    /// Its bytes in Brotli, when that is shorter.
    pub brotli: Option<&'static [u8]>,
    /// Its bytes in gzip, when that is shorter.
    pub gzip: Option<&'static [u8]>,
}

/// A site: all of its files.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// Sorted by path.
    assets: &'static [Asset],
}

impl Site {
    /// A site of `assets`, which are sorted by path.
    #[must_use]
    pub const fn new(assets: &'static [Asset]) -> Self {
        Self { assets }
    }

    /// The file that a browser gets for `path`: the one of that name, else the app itself, which
    /// knows its own routes. `None` for what looks like a file and for the API: a script or an API
    /// client that asks for something that is not there should not be given a page.
    #[must_use]
    pub fn resolve(&self, path: &str) -> Option<&'static Asset> {
        if let Some(asset) = self.find(path) {
            return Some(asset);
        }
        let file = path
            .rsplit('/')
            .next()
            .is_some_and(|name| name.contains('.'));
        let api = path == "/api" || path.starts_with("/api/");
        if file || api {
            None
        } else {
            self.find("/index.html")
        }
    }

    fn find(&self, path: &str) -> Option<&'static Asset> {
        let place = self
            .assets
            .binary_search_by_key(&path, |asset| asset.path)
            .ok()?;
        self.assets.get(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn asset(path: &'static str) -> Asset {
        Asset {
            path,
            digest: "",
            identity: b"",
            brotli: None,
            gzip: None,
        }
    }

    const SITE: Site = Site::new(&[
        asset("/api/openapi.json"),
        asset("/assets/app-D4f5k2xQ.js"),
        asset("/favicon.svg"),
        asset("/index.html"),
    ]);

    fn resolved(path: &str) -> Option<&'static str> {
        SITE.resolve(path).map(|asset| asset.path)
    }

    #[test]
    fn a_file_is_found_by_its_path() {
        assert_eq!(
            resolved("/assets/app-D4f5k2xQ.js"),
            Some("/assets/app-D4f5k2xQ.js")
        );
        assert_eq!(resolved("/api/openapi.json"), Some("/api/openapi.json"));
    }

    #[test]
    fn the_routes_of_the_app_get_the_app() {
        for path in [
            "/",
            "/orders",
            "/tickets/7f1f0bb5-74b8-4b0c-a0c5-5c9b6d3a2f10",
            "/a/b/",
            "/apiary",
            "/v1.2/x",
        ] {
            assert_eq!(resolved(path), Some("/index.html"), "{path}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_not_found() {
        for path in [
            "/assets/app-00000000.js",
            "/favicon.ico",
            "/robots.txt",
            "/../Cargo.toml",
            "/.env",
        ] {
            assert_eq!(resolved(path), None, "{path}");
        }
    }

    #[test]
    fn the_api_never_gets_a_page() {
        for path in ["/api", "/api/", "/api/nothing", "/api/tickets/1/x"] {
            assert_eq!(resolved(path), None, "{path}");
        }
    }
}
