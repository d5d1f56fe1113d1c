//! How many requests each upstream has, and which one to ask next when several can stand in for each other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::uri::Authority;

/// Requests in flight by upstream, answers that are still being streamed included; clones count together.
#[derive(Clone, Debug, Default)]
pub struct Load(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    in_flight: HashMap<Authority, usize>,
    /// Requests so far: among equals each is first in its turn.
    turn: usize,
}

/// One request in flight, until it is dropped.
#[derive(Debug)]
pub struct InFlight {
    load: Load,
    upstream: Authority,
}

impl Load {
    /// The order in which to ask: the least busy first.
    pub fn order<'a>(&self, upstreams: &'a [Authority]) -> Vec<&'a Authority> {
        if let [only] = upstreams {
            return vec![only];
        }
        let mut counts = self.counts();
        counts.turn = counts.turn.wrapping_add(1);
        let mut order: Vec<&Authority> = upstreams.iter().collect();
        let first = counts.turn % order.len().max(1);
        order.rotate_left(first);
        order.sort_by_key(|upstream| counts.in_flight.get(*upstream).copied());
        order
    }

    /// Counts a request to `upstream`.
    pub fn begin(&self, upstream: &Authority) -> InFlight {
        *self.counts().in_flight.entry(upstream.clone()).or_default() += 1;
        InFlight {
            load: self.clone(),
            upstream: upstream.clone(),
        }
    }

    /// How many requests `upstream` has at this moment.
    pub fn of(&self, upstream: &str) -> usize {
        let counts = self.counts();
        let mut all = counts.in_flight.iter();
        all.find(|(known, _)| known.as_str() == upstream)
            .map_or(0, |(_, count)| *count)
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut counts = self.load.counts();
        match counts.in_flight.get_mut(&self.upstream) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                counts.in_flight.remove(&self.upstream);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> [Authority; 3] {
        ["a:1", "b:1", "c:1"].map(Authority::from_static)
    }

    #[test]
    fn equals_take_turns() {
        let (load, upstreams) = (Load::default(), three());
        let firsts: Vec<&str> = (0..6).map(|_| load.order(&upstreams)[0].as_str()).collect();
        assert_eq!(firsts, ["b:1", "c:1", "a:1", "b:1", "c:1", "a:1"]);
    }

    #[test]
    fn the_least_busy_is_asked_first_and_the_busiest_last() {
        let (load, upstreams) = (Load::default(), three());
        let [a, b, _] = &upstreams;
        let busy = [load.begin(a), load.begin(b), load.begin(b)];
        for _ in 0..3 {
            let order: Vec<&str> = load.order(&upstreams).iter().map(|u| u.as_str()).collect();
            assert_eq!(order, ["c:1", "a:1", "b:1"]);
        }
        assert_eq!(load.of("b:1"), 2);
        drop(busy);
        assert_eq!((load.of("a:1"), load.of("b:1")), (0, 0));
    }
}
