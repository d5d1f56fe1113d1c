//! What a client has just changed, told by the client itself: its next read may come to another door, which has not
//! seen the write and may still keep what was there before it.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{COOKIE, HeaderMap, HeaderValue};

use super::groups::Group;
use crate::settings::Scheme;

/// `recent-writes=<milliseconds since 1970>-<group>-<group>.<…>`, numbers in hexadecimal.
const NAME: &str = "recent-writes";

/// How long a write counts as recent. A door keeps what may change for a second at most; as much again is for doors whose
/// clocks differ, and for what a write leads to elsewhere.
const RECENT: Duration = Duration::from_secs(2);

/// As many writes as a client is asked to remember; of more the oldest is forgotten by then in nearly every case.
const MOST: usize = 16;

/// The groups that a client has changed of late, with the time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecentWrites(Vec<(u64, Vec<Group>)>);

impl RecentWrites {
    /// What a request says of itself. What cannot be read was not written by a door.
    pub fn of(headers: &HeaderMap) -> Self {
        Self::read(headers, now())
    }

    fn read(headers: &HeaderMap, now: u64) -> Self {
        let value = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .find_map(|pair| pair.trim().strip_prefix(NAME)?.strip_prefix('='));
        let Some(value) = value else {
            return Self::default();
        };
        let writes = value.split('.').take(MOST).filter_map(write);
        // A clock that is ahead of ours does not keep its client from the cache for long either.
        Self(
            writes
                .filter(|(at, _)| at.abs_diff(now) < millis(RECENT))
                .collect(),
        )
    }

    /// Whether the client has changed one of `groups`.
    pub fn touch(&self, groups: &[Group]) -> bool {
        self.0
            .iter()
            .flat_map(|(_, changed)| changed)
            .any(|changed| groups.contains(changed))
    }

    /// The cookie of a client that has changed `groups`, too, just now.
    pub fn and(mut self, groups: Vec<Group>, scheme: Scheme) -> Option<HeaderValue> {
        self.0.insert(0, (now(), groups));
        self.0.truncate(MOST);
        let mut cookie = format!("{NAME}=");
        for (place, (at, groups)) in self.0.iter().enumerate() {
            let separator = if place == 0 { "" } else { "." };
            // Writing to a string does not fail.
            let _ = write!(cookie, "{separator}{at:x}");
            for Group(group) in groups {
                let _ = write!(cookie, "-{group:x}");
            }
        }
        let _ = write!(
            cookie,
            "; Path=/; Max-Age={}; HttpOnly; SameSite=Lax",
            RECENT.as_secs()
        );
        if scheme == Scheme::Https {
            cookie.push_str("; Secure");
        }
        HeaderValue::try_from(cookie).ok()
    }
}

fn write(text: &str) -> Option<(u64, Vec<Group>)> {
    let mut numbers = text.split('-');
    let at = u64::from_str_radix(numbers.next()?, 16).ok()?;
    let groups = numbers.map(|number| u32::from_str_radix(number, 16).map(Group));
    Some((at, groups.collect::<Result<_, _>>().ok()?))
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, millis)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Group = Group(0xa);
    const B: Group = Group(0xb);

    fn sent(cookie: &str) -> HeaderMap {
        HeaderMap::from_iter([(COOKIE, cookie.parse().unwrap())])
    }

    fn after(before: RecentWrites, groups: &[Group]) -> RecentWrites {
        let cookie = before.and(groups.to_vec(), Scheme::Http).unwrap();
        let pair = cookie.to_str().unwrap().split(';').next().unwrap();
        RecentWrites::of(&sent(&format!("session=x; {pair}")))
    }

    #[test]
    fn a_client_remembers_what_it_has_changed() {
        let writes = after(RecentWrites::default(), &[A]);
        assert!(writes.touch(&[B, A]));
        assert!(!writes.touch(&[B]));
        assert!(after(writes, &[B]).touch(&[A]));
    }

    #[test]
    fn what_it_remembers_is_bounded() {
        let mut writes = RecentWrites::default();
        for group in 0..100 {
            writes = after(writes, &[Group(group)]);
        }
        assert_eq!(writes.0.len(), MOST);
        assert!(writes.touch(&[Group(99)]));
    }

    #[test]
    fn a_write_is_recent_for_two_seconds() {
        let headers = sent("recent-writes=3e8-a");
        for (now, recent) in [(1000, true), (2999, true), (3000, false), (0, true)] {
            let touched = RecentWrites::read(&headers, now).touch(&[A]);
            assert_eq!(touched, recent, "{now}");
        }
    }

    #[test]
    fn what_a_door_has_not_written_means_nothing() {
        for cookie in [
            "recent-writes=",
            "recent-writes=-a",
            "recent-writes=x-y.z",
            "other=1",
        ] {
            assert_eq!(
                RecentWrites::of(&sent(cookie)),
                RecentWrites::default(),
                "{cookie}"
            );
        }
    }

    #[test]
    fn the_cookie_is_out_of_reach_of_scripts_and_goes_away() {
        let cookie = RecentWrites(vec![]).and(vec![A, B], Scheme::Https).unwrap();
        let cookie = cookie.to_str().unwrap();
        assert!(cookie.ends_with("-a-b; Path=/; Max-Age=2; HttpOnly; SameSite=Lax; Secure"));
    }
}
