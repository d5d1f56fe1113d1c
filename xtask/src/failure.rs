//! What went wrong, why, and what a person can do about it, on one line.
//! Every error of this tool is one of these.
use std::fmt;

pub type Result<T> = std::result::Result<T, Failure>;

/// One line for the person at the terminal.
#[derive(Debug)]
pub struct Failure {
    what: String,
    why: String,
    remedy: Option<String>,
}

impl Failure {
    pub fn new(what: impl Into<String>, why: impl fmt::Display) -> Self {
        Self {
            what: what.into(),
            why: why.to_string(),
            remedy: None,
        }
    }

    /// Adds what to do about it.
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.why)?;
        match &self.remedy {
            Some(remedy) => write!(f, "; {remedy}"),
            None => Ok(()),
        }
    }
}
