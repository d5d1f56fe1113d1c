//! Answers that their origin lets everybody share are kept at the door, for as long as it says, and asked for once however
//! many want them at the same time. After a write, whatever it has changed is asked for anew.
//!
//! The door knows nothing of what it keeps: `Cache-Control` says for how long (RFC 9111), `Cache-Groups` and
//! `Cache-Group-Invalidation` what goes stale with what (RFC 9875).

mod directives;
mod examine;
mod groups;
mod lookup;
mod recent_writes;
mod stored;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::header::{CONTENT_LOCATION, HeaderMap, LOCATION, SET_COOKIE};
use http::{Response, Uri};
use moka::Expiry;

pub use lookup::Lookup;

use crate::body::ResponseBody;
use crate::settings::Scheme;
use examine::{Examined, examine};
use groups::{CACHE_GROUP_INVALIDATION, Changes, Group};
use recent_writes::RecentWrites;
use stored::{Stored, unless_known};

/// How long it is remembered that an answer is not for sharing. Until then nobody waits for another's.
const NOT_SHARED_FOR: Duration = Duration::from_secs(10);

/// How often somebody waits for another's answer that then turns out to be too old; after that they ask for themselves.
const MERGES: usize = 3;

/// What a small entry takes, roughly, in bytes.
const OVERHEAD: usize = 256;

/// What is known of a key.
#[derive(Clone, Debug)]
enum Known {
    Stored(Arc<Stored>),
    /// Since when: whoever asks gets an answer of their own.
    NotShared(Instant),
    /// The origin failed. Said to those who have waited for it, and to nobody else.
    Failed,
}

/// The answers that are kept.
#[derive(Debug)]
pub struct Cache {
    answers: moka::future::Cache<String, Known>,
    changes: Changes,
    scheme: Scheme,
}

impl Cache {
    /// A cache of `max_bytes` at most, for clients that use `scheme`.
    pub fn new(max_bytes: u64, scheme: Scheme) -> Self {
        let answers = moka::future::Cache::builder()
            .max_capacity(max_bytes)
            .weigher(|key: &String, known| weight(key, known))
            .expire_after(WhileOfUse)
            .build();
        Self {
            answers,
            changes: Changes::new(),
            scheme,
        }
    }

    /// The answer that is kept for a request, if there is one that is good for it.
    pub async fn kept(&self, lookup: &Lookup) -> Option<Response<ResponseBody>> {
        match self.answers.get(&lookup.key).await? {
            Known::Stored(stored) if self.serves(&stored, lookup) => {
                Some(stored.answer(lookup.arrival, &lookup.known))
            }
            _ => None,
        }
    }

    /// The answer to a request for which none is kept: the one that another is waiting for, if it may be shared, else
    /// what `ask` gives, which is kept for others if it may be.
    pub async fn asked(
        &self,
        lookup: &Lookup,
        ask: impl Future<Output = Response<ResponseBody>> + Send,
    ) -> Response<ResponseBody> {
        let mut ask = pin!(ask);
        let mut is_new = true;
        for _ in 0..MERGES {
            let (mut has_asked, mut own) = (false, None);
            let asking = async {
                has_asked = true;
                match examine(lookup.address, ask.as_mut()).await {
                    Examined::Shared(stored) => Known::Stored(stored),
                    Examined::Personal(answer) => {
                        own = Some(answer);
                        Known::NotShared(Instant::now())
                    }
                    Examined::Failure(answer) => {
                        own = Some(answer);
                        Known::Failed
                    }
                }
            };
            let is_of_no_use = |known: &Known| match known {
                Known::Stored(stored) => !self.serves(stored, lookup),
                Known::NotShared(_) => false,
                Known::Failed => true,
            };
            let entry = self.answers.entry_by_ref(&lookup.key);
            let known = entry.or_insert_with_if(asking, is_of_no_use).await;
            match (known.into_value(), own) {
                (_, Some(own)) => return unless_known(own, &lookup.known),
                // A change since then does not concern whoever has asked: they came before it.
                (Known::Stored(stored), _) if has_asked || self.serves(&stored, lookup) => {
                    return stored.answer(lookup.arrival, &lookup.known);
                }
                (Known::Stored(_), _) => {}
                (Known::NotShared(since), _) => {
                    is_new = since.elapsed() > NOT_SHARED_FOR / 2;
                    break;
                }
                (Known::Failed, _) => break,
            }
        }
        self.asked_alone(lookup, ask, is_new).await
    }

    /// What `ask` gives, which nobody else waits for. `is_new`: to remember that it is not for sharing, if so.
    async fn asked_alone(
        &self,
        lookup: &Lookup,
        ask: impl Future<Output = Response<ResponseBody>>,
        is_new: bool,
    ) -> Response<ResponseBody> {
        let (known, answer) = match examine(lookup.address, ask).await {
            Examined::Shared(stored) => {
                let answer = stored.answer(lookup.arrival, &lookup.known);
                (Some(Known::Stored(stored)), answer)
            }
            Examined::Personal(answer) => {
                let known = is_new.then(|| Known::NotShared(Instant::now()));
                (known, unless_known(answer, &lookup.known))
            }
            Examined::Failure(answer) => (None, answer),
        };
        if let Some(known) = known {
            self.answers.insert(lookup.key.clone(), known).await;
        }
        answer
    }

    /// Learns from the answer to a write: what it has changed is stale from now on, and its client is asked to say so at
    /// other doors.
    pub fn learn(&self, write: &Write, answer: &mut Response<ResponseBody>) {
        let status = answer.status();
        if !status.is_success() && !status.is_redirection() {
            return;
        }
        let mut changed = Group::listed(answer.headers(), &CACHE_GROUP_INVALIDATION);
        let tells_the_client = !changed.is_empty();
        changed.push(write.at(&write.uri));
        let elsewhere = [LOCATION, CONTENT_LOCATION].into_iter().filter_map(|name| {
            let uri = answer.headers().get(name)?.to_str().ok()?.parse().ok()?;
            Some(write.at(&uri))
        });
        changed.extend(elsewhere);
        self.changes.note(&changed);
        if tells_the_client && let Some(cookie) = write.recent.clone().and(changed, self.scheme) {
            answer.headers_mut().append(SET_COOKIE, cookie);
        }
    }

    /// Whether an answer is good for a request: young enough, with nothing changed since, also not by this very client at
    /// another door, unless it was asked for after that.
    fn serves(&self, stored: &Stored, lookup: &Lookup) -> bool {
        stored.is_fresh(lookup.arrival)
            && !self.changes.since(stored.asked(), stored.groups())
            && (stored.asked() >= lookup.arrival || !lookup.recent.touch(stored.groups()))
    }
}

/// What has to be known of a write when its answer comes.
#[derive(Debug)]
pub struct Write {
    host: Vec<u8>,
    uri: Uri,
    recent: RecentWrites,
}

impl Write {
    pub fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        Self {
            host: lookup::host(headers).to_vec(),
            uri: uri.clone(),
            recent: RecentWrites::of(headers),
        }
    }

    /// What is at `uri`, here. Where it names another host, this one's answers are only asked for once more.
    fn at(&self, uri: &Uri) -> Group {
        Group::of_address(
            &self.host,
            uri.path_and_query().map_or("/", |it| it.as_str()),
        )
    }
}

fn weight(key: &str, known: &Known) -> u32 {
    let size = match known {
        Known::Stored(stored) => stored.size(),
        Known::NotShared(_) | Known::Failed => OVERHEAD,
    };
    u32::try_from(key.len() + size).unwrap_or(u32::MAX)
}

/// Entries leave when nobody can use them any more.
struct WhileOfUse;

impl WhileOfUse {
    fn left(known: &Known) -> Duration {
        match known {
            Known::Stored(stored) => stored.left(),
            Known::NotShared(_) => NOT_SHARED_FOR,
            Known::Failed => Duration::ZERO,
        }
    }
}

impl Expiry<String, Known> for WhileOfUse {
    fn expire_after_create(&self, _: &String, known: &Known, _: Instant) -> Option<Duration> {
        Some(Self::left(known))
    }

    fn expire_after_update(
        &self,
        _: &String,
        known: &Known,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(Self::left(known))
    }
}
