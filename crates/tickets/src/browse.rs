//! Anyone looks at what can be bought now, newest first, and searches its titles.

use kit::{ApiError, Database, Page, Row, SqlError};

const BROWSE: &str = include_str!("../sql/browse.sql");
const SEARCH: &str = include_str!("../sql/search.sql");

/// The most characters that a search may have: as many as a title.
const MAX_SEARCH_CHARS: usize = 200;

/// Words to look for in titles, in any case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search(String);

impl Search {
    /// Reads what a visitor typed; nothing to search for is no search.
    ///
    /// # Errors
    /// 400 when it is longer than any title, or no text.
    pub fn read(text: Option<String>) -> Result<Option<Self>, ApiError> {
        let Some(text) = text
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
        else {
            return Ok(None);
        };
        if text.chars().count() > MAX_SEARCH_CHARS || text.contains('\0') {
            return Err(ApiError::field("q", "A search has at most 200 characters"));
        }
        Ok(Some(Self(text)))
    }

    /// The pattern for ILIKE; what means something to it means itself.
    fn pattern(&self) -> String {
        let mut pattern = String::from("%");
        for character in self.0.chars() {
            if matches!(character, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(character);
        }
        pattern.push('%');
        pattern
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The rows as a JSON array.
    pub json: String,
    /// The sequence number after which the next page begins, when there is one.
    pub next: Option<i64>,
}

impl Listing {
    pub(crate) fn read(row: &Row) -> Result<Self, SqlError> {
        Ok(Self {
            json: row.text("tickets")?.unwrap_or("[]").to_owned(),
            next: row.int("next")?,
        })
    }
}

/// The tickets that can be bought now.
///
/// # Errors
/// When the database does not answer.
pub fn browse(
    database: &impl Database,
    page: Page,
    search: Option<&Search>,
) -> Result<Listing, SqlError> {
    let row = match search {
        None => database.query_one(BROWSE, &[page.before.into(), page.limit.into()])?,
        Some(search) => database.query_one(
            SEARCH,
            &[
                page.before.into(),
                page.limit.into(),
                search.pattern().into(),
            ],
        )?,
    };
    Listing::read(&row)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(text: &str) -> Option<Search> {
        Search::read(Some(text.to_owned())).unwrap()
    }

    #[test]
    fn nothing_to_search_for_is_no_search() {
        assert_eq!(Search::read(None).unwrap(), None);
        assert_eq!(search("  "), None);
    }

    #[test]
    fn wildcards_mean_themselves() {
        assert_eq!(search(r"50%_\o").unwrap().pattern(), r"%50\%\_\\o%");
    }

    #[test]
    fn a_search_that_no_title_can_match_is_refused() {
        assert!(Search::read(Some("x".repeat(201))).is_err());
        assert!(Search::read(Some("a\0b".to_owned())).is_err());
    }
}
