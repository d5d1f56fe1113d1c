//! Cookies as a browser keeps them: by name, with their attributes, until they are cleared.
use std::collections::BTreeMap;

/// One `Set-Cookie` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetCookie {
    /// The cookie's name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Its attributes, names in lower case; flags have an empty value.
    pub attributes: BTreeMap<String, String>,
}

impl SetCookie {
    /// Reads the value of a `Set-Cookie` header.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let mut parts = header.split(';').map(str::trim);
        let (name, value) = parts.next()?.split_once('=')?;
        let attributes = parts
            .map(|part| part.split_once('=').unwrap_or((part, "")))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Some(Self {
            name: name.to_owned(),
            value: value.to_owned(),
            attributes,
        })
    }

    /// Whether it takes the cookie away.
    #[must_use]
    pub fn clears(&self) -> bool {
        let max_age = self
            .attributes
            .get("max-age")
            .and_then(|seconds| seconds.parse::<i64>().ok());
        max_age.is_some_and(|seconds| seconds <= 0)
            || (max_age.is_none()
                && self
                    .attributes
                    .get("expires")
                    .is_some_and(|when| when.contains("1970")))
    }

    fn path(&self) -> &str {
        self.attributes.get("path").map_or("/", String::as_str)
    }
}

/// The cookies of one person.
#[derive(Clone, Debug, Default)]
pub struct Jar(BTreeMap<String, SetCookie>);

impl Jar {
    /// Keeps or clears what a response sets.
    pub fn take(&mut self, cookie: SetCookie) {
        if cookie.clears() {
            self.0.remove(&cookie.name);
        } else {
            self.0.insert(cookie.name.clone(), cookie);
        }
    }

    /// The `Cookie` header for a request to `path`; none when no cookie belongs there.
    #[must_use]
    pub fn header(&self, path: &str) -> Option<String> {
        let pairs: Vec<String> = self
            .0
            .values()
            .filter(|cookie| path.starts_with(cookie.path()))
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// The value of the cookie `name`.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|cookie| cookie.value.as_str())
    }

    /// Sets the cookie `name` for every path, as somebody who edits cookies by hand would.
    pub fn set(&mut self, name: &str, value: &str) {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.0.insert(
            name.clone(),
            SetCookie {
                name,
                value,
                attributes: BTreeMap::new(),
            },
        );
    }

    /// Forgets the cookie `name`, as a browser does when it has expired.
    pub fn forget(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
