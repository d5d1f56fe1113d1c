//! Things that actions use up, each once.
use std::cell::RefCell;

/// Ids on a shelf; whoever takes one takes it from all others.
#[derive(Debug, Default)]
pub struct Shelf(RefCell<Vec<String>>);

impl Shelf {
    pub fn of(ids: Vec<String>) -> Self {
        Self(RefCell::new(ids))
    }

    pub fn take(&self) -> Option<String> {
        self.0.borrow_mut().pop()
    }

    pub fn put(&self, id: String) {
        self.0.borrow_mut().push(id);
    }

    /// The one that was put last, left where it is.
    pub fn newest(&self) -> Option<String> {
        self.0.borrow().last().cloned()
    }
}
