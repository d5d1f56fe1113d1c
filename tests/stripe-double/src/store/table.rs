//! Objects by id that remember the order they came in.
//! Lists are newest first, and two objects of one second still have an order.

use std::collections::HashMap;

/// Rows by id, in order of their first insertion.
#[derive(Debug)]
pub struct Table<T> {
    rows: HashMap<String, T>,
    order: Vec<String>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            rows: HashMap::new(),
            order: Vec::new(),
        }
    }
}

impl<T> Table<T> {
    /// Inserts a row, or replaces it where it stands.
    pub fn put(&mut self, id: &str, row: T) {
        if self.rows.insert(id.to_owned(), row).is_none() {
            self.order.push(id.to_owned());
        }
    }

    pub fn get(&self, id: &str) -> Option<&T> {
        self.rows.get(id)
    }

    pub fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.rows.get_mut(id)
    }

    pub fn remove(&mut self, id: &str) {
        if self.rows.remove(id).is_some() {
            self.order.retain(|known| known != id);
        }
    }

    pub fn oldest_first(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.order.iter().filter_map(|id| self.rows.get(id))
    }

    pub fn newest_first(&self) -> impl Iterator<Item = &T> {
        self.oldest_first().rev()
    }
}
