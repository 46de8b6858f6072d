//! Names of groups and their numbers.
//!
//! Files that are joined are mostly in the same order: the group after that of the last row is tried first, and only a miss
//! asks the hash table.

use crate::dataset::portion::Texts;
use foldhash::quality::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// Bytes that a group takes beside its name, about.
const EACH: usize = 40;

/// Names of groups, numbered.
#[derive(Debug, Default)]
pub(super) struct Keys {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// Hash and number of each.
    table: HashTable<(u64, u32)>,
    hasher: RandomState,
}

/// No group.
pub(super) const NONE: u32 = u32::MAX;

impl Keys {
    /// Number of groups.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Bytes in memory, about.
    pub fn size(&self) -> usize {
        self.bytes.len() + EACH * self.ends.len()
    }

    /// The name of a group.
    #[inline]
    pub fn get(&self, id: u32) -> &[u8] {
        let id = id as usize;
        let from = if id == 0 { 0 } else { self.ends[id - 1] };
        &self.bytes[from..self.ends[id]]
    }

    fn find(&self, key: &[u8]) -> u32 {
        self.find_hashed(key, self.hasher.hash_one(key))
    }

    fn find_hashed(&self, key: &[u8], hash: u64) -> u32 {
        self.table.find(hash, |e| e.0 == hash && self.get(e.1) == key).map_or(NONE, |e| e.1)
    }

    fn add(&mut self, key: &[u8]) -> u32 {
        let hash = self.hasher.hash_one(key);
        let found = self.find_hashed(key, hash);
        if found != NONE {
            return found;
        }
        let id = self.ends.len() as u32;
        self.table.insert_unique(hash, (hash, id), |e| e.0);
        self.bytes.extend_from_slice(key);
        self.ends.push(self.bytes.len());
        id
    }

    /// The groups of some names, [`NONE`] where new.
    pub fn numbers(&self, names: &Texts) -> Vec<u32> {
        // where many in a row are new, the others are left to those who number them
        const NEW: usize = 64;
        let mut guess = Guess::default();
        let mut new = 0;
        let mut ids = Vec::with_capacity(names.len());
        for i in 0..names.len() {
            if new == NEW {
                ids.resize(names.len(), NONE);
                break;
            }
            let name = names.get(i);
            let id = guess.of(self, name).unwrap_or_else(|| self.find(name));
            new = if id == NONE { new + 1 } else { 0 };
            guess.saw(id);
            ids.push(id);
        }
        ids
    }

    /// Numbers those that are new.
    pub fn add_new(&mut self, names: &Texts, ids: &mut [u32]) {
        let mut guess = Guess::default();
        for (i, id) in ids.iter_mut().enumerate() {
            if *id == NONE {
                let name = names.get(i);
                *id = guess.of(self, name).unwrap_or_else(|| self.add(name));
            }
            guess.saw(*id);
        }
    }
}

/// The group that comes next if the rows go on as the groups do.
#[derive(Default)]
struct Guess {
    next: u32,
    in_step: bool,
}

impl Guess {
    #[inline]
    fn of(&self, keys: &Keys, name: &[u8]) -> Option<u32> {
        let fits = self.in_step && (self.next as usize) < keys.ends.len() && keys.get(self.next) == name;
        fits.then_some(self.next)
    }

    #[inline]
    fn saw(&mut self, id: u32) {
        // two in a row are a step; the first of all is taken for one
        self.in_step = id != NONE && (id == self.next || self.next == 0);
        self.next = if id == NONE { 1 } else { id + 1 };
    }
}
