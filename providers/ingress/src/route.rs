//! Which upstream answers a path: the longest prefix wins, on segment borders.

use http::uri::Authority;

use crate::settings::SettingsError;

/// A path prefix (or, for health alone, a name) and what is behind it: one upstream, or several of which each can answer
/// everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The prefix as configured, without trailing slashes; `/` for everything.
    name: String,
    /// Never empty.
    upstreams: Vec<Authority>,
}

impl Route {
    /// A route to `upstream` (`host:port`).
    pub fn new(name: &str, upstream: Authority) -> Self {
        Self::among(name, upstream, Vec::new())
    }

    /// A route to `first` and to `others`, which are equals.
    pub fn among(name: &str, first: Authority, others: Vec<Authority>) -> Self {
        let mut upstreams = vec![first];
        upstreams.extend(others);
        let trimmed = name.trim_end_matches('/');
        Self {
            name: if trimmed.is_empty() { "/" } else { trimmed }.to_owned(),
            upstreams,
        }
    }

    /// What operators call it: its prefix.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it leads, `host:port` each.
    pub fn upstreams(&self) -> &[Authority] {
        &self.upstreams
    }

    /// The same for people.
    pub fn destination(&self) -> String {
        let all: Vec<&str> = self.upstreams.iter().map(Authority::as_str).collect();
        all.join(" | ")
    }

    /// Whether `path` is the prefix itself or below it. Paths are compared as they were sent: an
    /// encoded slash or dot segment is never decoded, so the upstream sees what was matched.
    fn matches(&self, path: &str) -> bool {
        if self.name == "/" {
            return path.starts_with('/');
        }
        path.strip_prefix(self.name.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// All routes, in the order in which they are tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routes(Vec<Route>);

impl Routes {
    /// Orders the routes by the length of their prefix.
    ///
    /// # Errors
    /// When there is none, or two have the same prefix.
    pub fn new(mut routes: Vec<Route>) -> Result<Self, SettingsError> {
        if routes.is_empty() {
            return Err(SettingsError::NoRoutes);
        }
        routes
            .sort_by(|a, b| (b.name.len(), a.name.as_str()).cmp(&(a.name.len(), b.name.as_str())));
        if let Some(pair) = routes.windows(2).find(|pair| pair[0].name == pair[1].name) {
            return Err(SettingsError::DuplicatePrefix(pair[0].name.clone()));
        }
        Ok(Self(routes))
    }

    /// The route with the longest prefix of `path`.
    pub fn find(&self, path: &str) -> Option<&Route> {
        self.0.iter().find(|route| route.matches(path))
    }

    /// Every route, longest prefix first.
    pub fn iter(&self) -> impl Iterator<Item = &Route> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(prefixes: &[&str]) -> Routes {
        let upstream = |at| Authority::try_from(format!("127.0.0.1:{}", 8100 + at)).unwrap();
        Routes::new(
            prefixes
                .iter()
                .enumerate()
                .map(|(at, prefix)| Route::new(prefix, upstream(at)))
                .collect(),
        )
        .unwrap()
    }

    fn found<'a>(routes: &'a Routes, path: &str) -> Option<&'a str> {
        routes.find(path).map(Route::name)
    }

    #[test]
    fn the_longest_prefix_wins_whatever_the_order() {
        let routes = routes(&["/", "/api/tickets", "/api"]);
        assert_eq!(found(&routes, "/api/tickets/7"), Some("/api/tickets"));
        assert_eq!(found(&routes, "/api/orders"), Some("/api"));
        assert_eq!(found(&routes, "/index.html"), Some("/"));
    }

    #[test]
    fn a_prefix_ends_on_a_segment_border() {
        let routes = routes(&["/", "/api/tickets"]);
        assert_eq!(found(&routes, "/api/tickets"), Some("/api/tickets"));
        assert_eq!(found(&routes, "/api/tickets/"), Some("/api/tickets"));
        assert_eq!(found(&routes, "/api/ticketsandmore"), Some("/"));
    }

    #[test]
    fn trailing_slashes_of_a_configured_prefix_do_not_matter() {
        let routes = routes(&["/api/tickets/", "/"]);
        assert_eq!(found(&routes, "/api/tickets"), Some("/api/tickets"));
    }

    #[test]
    fn without_a_route_for_everything_other_paths_lead_nowhere() {
        let routes = routes(&["/api"]);
        assert_eq!(found(&routes, "/"), None);
        assert_eq!(found(&routes, "*"), None);
        assert_eq!(found(&routes, ""), None);
    }

    #[test]
    fn odd_paths_are_matched_as_they_were_sent() {
        let routes = routes(&["/", "/api/tickets"]);
        assert_eq!(found(&routes, "/api%2Ftickets"), Some("/"));
        assert_eq!(found(&routes, "//api/tickets"), Some("/"));
        assert_eq!(
            found(&routes, "/api/tickets/../users"),
            Some("/api/tickets")
        );
    }

    #[test]
    fn the_same_prefix_twice_is_refused() {
        let upstream = Authority::from_static("127.0.0.1:1");
        let twice = vec![
            Route::new("/api", upstream.clone()),
            Route::new("/api/", upstream),
        ];
        assert_eq!(
            Routes::new(twice),
            Err(SettingsError::DuplicatePrefix("/api".into()))
        );
    }
}
