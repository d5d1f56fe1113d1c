//! Telling links apart. The provider SDK remembers one link per component only, so providers keep maps of their own.
use std::fmt;

use wasmcloud_provider_sdk::Context;

/// Which link a call belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LinkKey {
    /// The id of the component at the other end.
    pub component: String,
    /// The link's name, `default` unless named.
    pub link: String,
}

impl LinkKey {
    /// The link named `link` of `component`.
    pub fn new(component: impl Into<String>, link: impl Into<String>) -> Self {
        Self {
            component: component.into(),
            link: link.into(),
        }
    }

    /// The link that a call came over. Without a source there is no link of that name either, and the call fails with
    /// that.
    #[must_use]
    pub fn of_call(context: Option<&Context>) -> Self {
        match context {
            Some(context) => Self::new(
                context.component.as_deref().unwrap_or_default(),
                context.link_name(),
            ),
            None => Self::new("", "default"),
        }
    }

    /// The link's name among the parts of the provider's health.
    #[must_use]
    pub fn part(&self) -> String {
        format!("link {self}")
    }
}

impl fmt::Display for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.component, self.link)
    }
}
