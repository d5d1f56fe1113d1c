//! Groups of answers that go stale together (RFC 9875): a read says which it belongs to, a write which it has changed.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::Instant;

use http::{HeaderMap, HeaderName};

/// On a read: the groups that it belongs to.
pub const CACHE_GROUPS: HeaderName = HeaderName::from_static("cache-groups");
/// On a write: the groups that it has changed.
pub const CACHE_GROUP_INVALIDATION: HeaderName =
    HeaderName::from_static("cache-group-invalidation");

/// As many groups as one header may name; RFC 9875, 2.2 wants 32 at least.
const MOST_NAMED: usize = 32;
/// After as many changes all that was kept before them is taken for stale, rather than each remembered.
const MOST_REMEMBERED: usize = 65_536;

/// A group, by a checksum of its name: two that share one only make each other stale more often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Group(pub u32);

impl Group {
    fn named(name: &str) -> Self {
        Self(crc32fast::hash(name.as_bytes()))
    }

    /// The group of everything at one address, whose writes make its reads stale (RFC 9111, 4.4).
    pub fn of_address(host: &[u8], path_and_query: &str) -> Self {
        let mut hash = crc32fast::Hasher::new();
        for part in [host, b"\n", path_and_query.as_bytes()] {
            hash.update(part);
        }
        Self(hash.finalize())
    }

    /// The groups that a header lists: `"one", "two"`. Parameters mean nothing; what is no string is passed over.
    pub fn listed(headers: &HeaderMap, header: &HeaderName) -> Vec<Self> {
        headers
            .get_all(header)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','))
            .filter_map(|item| item.trim().strip_prefix('"')?.split('"').next())
            .take(MOST_NAMED)
            .map(Self::named)
            .collect()
    }
}

/// When which group was changed last, as this door has seen it.
#[derive(Debug)]
pub struct Changes(RwLock<Seen>);

#[derive(Debug)]
struct Seen {
    /// What was kept before is stale, whatever its groups.
    floor: Instant,
    changed: HashMap<Group, Instant>,
}

impl Changes {
    pub fn new() -> Self {
        Self(RwLock::new(Seen {
            floor: Instant::now(),
            changed: HashMap::new(),
        }))
    }

    /// Makes all that was asked for until now in these groups stale.
    pub fn note(&self, groups: &[Group]) {
        let mut seen = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if seen.changed.len() + groups.len() > MOST_REMEMBERED {
            seen.changed.clear();
            seen.floor = now;
        }
        seen.changed
            .extend(groups.iter().map(|group| (*group, now)));
    }

    /// Whether one of `groups` was changed since `then`.
    pub fn since(&self, then: Instant, groups: &[Group]) -> bool {
        let seen = self.0.read().unwrap_or_else(PoisonError::into_inner);
        then < seen.floor
            || groups
                .iter()
                .filter_map(|group| seen.changed.get(group))
                .any(|changed| *changed >= then)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(value: &str) -> Vec<Group> {
        let headers = HeaderMap::from_iter([(CACHE_GROUPS, value.parse().unwrap())]);
        Group::listed(&headers, &CACHE_GROUPS)
    }

    #[test]
    fn groups_are_read_from_a_list_of_strings() {
        let (a, b) = (Group::named("a"), Group::named("b c"));
        assert_eq!(listed(r#""a", "b c";x=1"#), [a, b]);
        assert_eq!(listed("a, 7, ?1"), []);
        assert_eq!(listed(&[r#""a""#; 40].join(",")).len(), 32);
    }

    #[test]
    fn a_change_makes_stale_what_was_asked_for_before_it() {
        let changes = Changes::new();
        let (changed, other) = ([Group(1), Group(2)], [Group(3)]);
        let before = Instant::now();
        changes.note(&changed[..1]);
        assert!(changes.since(before, &changed));
        assert!(!changes.since(before, &other));
        assert!(!changes.since(Instant::now(), &changed));
    }

    #[test]
    fn what_is_remembered_is_bounded_and_nothing_stale_is_taken_for_fresh() {
        let changes = Changes::new();
        let before = Instant::now();
        changes.note(&[Group(0)]);
        for group in 1..=MOST_REMEMBERED {
            changes.note(&[Group(u32::try_from(group).unwrap())]);
        }
        assert!(changes.0.read().unwrap().changed.len() <= MOST_REMEMBERED);
        assert!(changes.since(before, &[Group(0)]));
    }
}
