//! How many requests an upstream works on at a time. Whoever comes to a rush waits here, before anything is sent: an upstream
//! that takes in all of them answers none in time, and those that are asked again only make it more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::uri::Authority;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The room of each upstream; who came first is let in first.
#[derive(Debug)]
pub struct Rooms {
    /// Requests at a time.
    size: usize,
    by_upstream: Mutex<HashMap<Authority, Arc<Semaphore>>>,
}

impl Rooms {
    pub fn new(size: usize) -> Self {
        Self {
            size,
            by_upstream: Mutex::default(),
        }
    }

    /// Waits for a place at `upstream`, which is free again when it is dropped.
    pub async fn enter(&self, upstream: &Authority) -> Option<OwnedSemaphorePermit> {
        // It is never closed.
        self.of(upstream).acquire_owned().await.ok()
    }

    fn of(&self, upstream: &Authority) -> Arc<Semaphore> {
        let rooms = self.by_upstream.lock();
        let mut rooms = rooms.unwrap_or_else(PoisonError::into_inner);
        match rooms.get(upstream) {
            Some(room) => Arc::clone(room),
            None => {
                let room = Arc::new(Semaphore::new(self.size));
                rooms.insert(upstream.clone(), Arc::clone(&room));
                room
            }
        }
    }
}
