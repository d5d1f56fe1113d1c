//! What the tests of these rules run against: accounts and buckets in memory, and hashes that take no time.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use kit::{
    Database, Fields, HashingError, KeyValue, KeyValueError, PasswordHasher, Row, SqlError, Value,
};
use uuid::Uuid;

/// A bucket in memory.
#[derive(Default)]
pub struct Memory {
    values: RefCell<HashMap<String, Vec<u8>>>,
    down: bool,
}

impl Memory {
    /// A bucket whose store does not answer.
    pub fn down() -> Self {
        Self {
            down: true,
            ..Self::default()
        }
    }

    pub fn len(&self) -> usize {
        self.values.borrow().len()
    }

    fn reach(&self) -> Result<&RefCell<HashMap<String, Vec<u8>>>, KeyValueError> {
        if self.down {
            Err(KeyValueError("down".to_owned()))
        } else {
            Ok(&self.values)
        }
    }
}

impl KeyValue for Memory {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, KeyValueError> {
        Ok(self.reach()?.borrow().get(key).cloned())
    }

    fn set(&self, key: &str, value: &[u8]) -> Result<(), KeyValueError> {
        self.reach()?
            .borrow_mut()
            .insert(key.to_owned(), value.to_owned());
        Ok(())
    }

    fn delete(&self, key: &str) -> Result<(), KeyValueError> {
        self.reach()?.borrow_mut().remove(key);
        Ok(())
    }

    fn increment(&self, key: &str) -> Result<u64, KeyValueError> {
        let mut values = self.reach()?.borrow_mut();
        let count = values
            .get(key)
            .map_or(0, |value| String::from_utf8_lossy(value).parse().unwrap())
            + 1;
        values.insert(key.to_owned(), count.to_string().into_bytes());
        Ok(count)
    }
}

/// Hashes that tell the password. Counts what it has verified.
#[derive(Default)]
pub struct Hasher {
    verified: Cell<usize>,
    busy: bool,
}

impl Hasher {
    /// One that too many wait for.
    pub fn busy() -> Self {
        Self {
            busy: true,
            ..Self::default()
        }
    }

    pub fn verified(&self) -> usize {
        self.verified.get()
    }
}

impl PasswordHasher for Hasher {
    fn hash(&self, password: &str) -> Result<String, HashingError> {
        if self.busy {
            return Err(HashingError::Busy);
        }
        Ok(format!("hash of {password}"))
    }

    fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, HashingError> {
        let same = self.hash(password)?;
        self.verified.set(self.verified.get() + 1);
        Ok(hash == Some(same.as_str()))
    }
}

/// The table of users, as its two statements see it.
#[derive(Default)]
pub struct Users(RefCell<Vec<(Uuid, String, String)>>);

impl Users {
    /// One account.
    pub fn with(email: &str, password: &str) -> Self {
        let hash = Hasher::default().hash(password).unwrap();
        Self(RefCell::new(vec![(
            Uuid::from_u128(1),
            email.to_owned(),
            hash,
        )]))
    }

    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }
}

impl Database for Users {
    fn query(&self, _statement: &str, parameters: &[Value]) -> Result<Vec<Row>, SqlError> {
        let same = |stored: &str, email: &str| stored.eq_ignore_ascii_case(email);
        match parameters {
            [Value::Uuid(id), Value::Text(email), Value::Text(hash)] => {
                let mut users = self.0.borrow_mut();
                if users.iter().any(|(_, stored, _)| same(stored, email)) {
                    return Ok(vec![]);
                }
                users.push((*id, email.clone(), hash.clone()));
                Ok(vec![Row::new(vec![("id".to_owned(), (*id).into())])])
            }
            [Value::Text(email)] => Ok(self
                .0
                .borrow()
                .iter()
                .filter(|(_, stored, _)| same(stored, email))
                .map(|(id, email, hash)| {
                    Row::new(vec![
                        ("id".to_owned(), (*id).into()),
                        ("email".to_owned(), email.as_str().into()),
                        ("password_hash".to_owned(), hash.as_str().into()),
                    ])
                })
                .collect()),
            _ => Err(SqlError::NoRow),
        }
    }
}

/// The fields of a request with `body`.
pub fn fields(body: &serde_json::Value) -> Fields {
    let request = http::Request::builder()
        .header("content-type", "application/json")
        .body(body.to_string().into_bytes())
        .unwrap();
    Fields::read(&request).unwrap()
}
