//! Which statements a pooled connection may run: those that leave it as they found it.

use crate::failure::{Failure, Fault, state};

/// Words that begin a statement which would leave a transaction, a setting or a subscription behind
/// on a connection that the next call, perhaps another component's request, gets; and COPY, which
/// needs a data stream that the interface does not have.
const SESSION_STATEMENTS: [&str; 22] = [
    "abort",
    "begin",
    "close",
    "commit",
    "copy",
    "deallocate",
    "declare",
    "discard",
    "end",
    "execute",
    "fetch",
    "listen",
    "load",
    "move",
    "prepare",
    "release",
    "reset",
    "rollback",
    "savepoint",
    "set",
    "start",
    "unlisten",
];

/// Refuses a statement that is about the session rather than the data.
///
/// # Errors
/// `0A000`, naming the statement's first word.
pub fn refuse_session_statement(sql: &str) -> Result<(), Failure> {
    let word = first_word(sql);
    let found = SESSION_STATEMENTS
        .iter()
        .find(|statement| word.eq_ignore_ascii_case(statement));
    match found {
        None => Ok(()),
        Some(statement) => Err(Failure::new(
            Fault::Statement,
            state::UNSUPPORTED,
            format!(
                "{} is not supported here: every call runs on a shared connection as a transaction of its own (use one statement, or query-batch)",
                statement.to_ascii_uppercase()
            ),
        )),
    }
}

/// The first word after white space and comments.
fn first_word(sql: &str) -> &str {
    let mut rest = sql;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ';');
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.split_once('\n').map_or("", |(_, after)| after);
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = after_block_comment(comment);
        } else {
            let end = rest
                .find(|c: char| !c.is_ascii_alphabetic())
                .unwrap_or(rest.len());
            return &rest[..end];
        }
    }
}

/// What follows a block comment whose opening is already consumed; in Postgres they nest.
fn after_block_comment(sql: &str) -> &str {
    let mut depth = 1;
    let mut rest = sql;
    while depth > 0 {
        let Some(at) = rest.find(['*', '/']) else {
            return "";
        };
        rest = &rest[at..];
        if let Some(inner) = rest.strip_prefix("/*") {
            depth += 1;
            rest = inner;
        } else if let Some(outer) = rest.strip_prefix("*/") {
            depth -= 1;
            rest = outer;
        } else {
            rest = &rest[1..];
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_about_data_pass() {
        for sql in [
            "select 1",
            "WITH moved AS (DELETE FROM a RETURNING *) SELECT * FROM moved",
            "insert into settings values ($1)",
            "-- begin\nselect 1",
            "/* set /* nested */ x */ update t set a = 1",
            "(select 1) union (select 2)",
            "",
        ] {
            assert_eq!(refuse_session_statement(sql), Ok(()), "{sql}");
        }
    }

    #[test]
    fn statements_about_the_session_are_refused() {
        for sql in [
            "BEGIN",
            "  commit;",
            "set statement_timeout = 0",
            "/* a */ -- b\n LISTEN outbox",
            "; rollback",
            "copy t from stdin",
            "/*/ */begin",
        ] {
            let failure = refuse_session_statement(sql).expect_err(sql);
            assert_eq!(failure.state(), "0A000");
        }
    }

    #[test]
    fn an_unclosed_comment_is_left_to_the_server() {
        assert_eq!(refuse_session_statement("/* begin"), Ok(()));
    }
}
