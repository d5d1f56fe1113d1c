//! What has arrived for one call and was not read yet.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use async_nats::Message;

/// The streams of one call, by the end of their subject. Each is there from the moment that somebody writes or reads it, so
/// it does not matter who is first.
#[derive(Debug, Default)]
pub struct Mailbox(Mutex<Streams>);

#[derive(Debug, Default)]
struct Streams {
    /// Seldom more than two.
    by_end: Vec<(Box<str>, Stream)>,
    /// Nothing can arrive any more.
    is_closed: bool,
}

#[derive(Debug, Default)]
struct Stream {
    messages: VecDeque<Message>,
    reader: Option<Waker>,
}

impl Mailbox {
    /// Keeps a message of the stream `end` until it is read.
    pub fn put(&self, end: &str, message: Message) {
        let reader = {
            let mut streams = self.streams();
            let stream = streams.stream(end);
            stream.messages.push_back(message);
            stream.reader.take()
        };
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// The next message of the stream `end`, which has one reader; `None` when there cannot be one any more.
    pub fn poll_next(&self, end: &str, context: &Context<'_>) -> Poll<Option<Message>> {
        let mut streams = self.streams();
        let is_closed = streams.is_closed;
        let stream = streams.stream(end);
        match stream.messages.pop_front() {
            Some(message) => Poll::Ready(Some(message)),
            None if is_closed => Poll::Ready(None),
            None => {
                stream.reader = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }

    /// Tells all readers that nothing follows.
    pub fn close(&self) {
        let readers: Vec<Waker> = {
            let mut streams = self.streams();
            streams.is_closed = true;
            let all = streams.by_end.iter_mut();
            all.filter_map(|(_, stream)| stream.reader.take()).collect()
        };
        readers.into_iter().for_each(Waker::wake);
    }

    fn streams(&self) -> MutexGuard<'_, Streams> {
        // Nobody panics in the middle of a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Streams {
    fn stream(&mut self, end: &str) -> &mut Stream {
        let known = self.by_end.iter().position(|(known, _)| **known == *end);
        let place = known.unwrap_or_else(|| {
            self.by_end.push((end.into(), Stream::default()));
            self.by_end.len() - 1
        });
        &mut self.by_end[place].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_nats::Subject;

    fn message(payload: &str) -> Message {
        Message {
            subject: Subject::from_static("inbox"),
            reply: None,
            payload: payload.to_owned().into(),
            headers: None,
            status: None,
            description: None,
            length: payload.len(),
        }
    }

    fn next(mailbox: &Mailbox, end: &str) -> Poll<Option<String>> {
        let context = Context::from_waker(Waker::noop());
        let payload = |message: Message| String::from_utf8_lossy(&message.payload).into_owned();
        mailbox
            .poll_next(end, &context)
            .map(|next| next.map(payload))
    }

    #[test]
    fn a_message_that_comes_before_its_reader_is_kept() {
        let mailbox = Mailbox::default();
        mailbox.put(".results", message("1"));
        mailbox.put(".results", message("2"));
        assert_eq!(
            next(&mailbox, ".results"),
            Poll::Ready(Some("1".to_owned()))
        );
        assert_eq!(
            next(&mailbox, ".results"),
            Poll::Ready(Some("2".to_owned()))
        );
        assert_eq!(next(&mailbox, ".results"), Poll::Pending);
    }

    #[test]
    fn each_stream_has_its_own_messages() {
        let mailbox = Mailbox::default();
        assert_eq!(next(&mailbox, ""), Poll::Pending);
        mailbox.put(".results.1", message("nested"));
        assert_eq!(next(&mailbox, ""), Poll::Pending);
        assert_eq!(next(&mailbox, ".results"), Poll::Pending);
        assert_eq!(
            next(&mailbox, ".results.1"),
            Poll::Ready(Some("nested".to_owned()))
        );
    }

    #[test]
    fn what_has_arrived_is_read_before_the_end() {
        let mailbox = Mailbox::default();
        mailbox.put("", message("last"));
        mailbox.close();
        assert_eq!(next(&mailbox, ""), Poll::Ready(Some("last".to_owned())));
        assert_eq!(next(&mailbox, ""), Poll::Ready(None));
        assert_eq!(next(&mailbox, ".results"), Poll::Ready(None));
    }
}
