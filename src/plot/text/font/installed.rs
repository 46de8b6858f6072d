//! Fonts installed on the machine, loaded once they are needed and kept for the life of the process.

use super::Font;
use skrifa::{FontRef, MetadataProvider};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

static LOADED: Mutex<Vec<&'static Font>> = Mutex::new(vec![]);

fn loaded() -> MutexGuard<'static, Vec<&'static Font>> {
    LOADED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The font that was loaded at this place.
pub(super) fn get(number: usize) -> Option<&'static Font> {
    loaded().get(number).copied()
}

/// The place of a font that has the character; installed fonts are looked through once for each.
pub(super) fn find(c: char) -> Option<usize> {
    static LOOKED: Mutex<Option<HashMap<char, Option<usize>>>> = Mutex::new(None);
    let mut looked = LOOKED.lock().unwrap_or_else(PoisonError::into_inner);
    *looked.get_or_insert_with(HashMap::new).entry(c).or_insert_with(|| {
        let mut loaded = loaded();
        loaded.iter().position(|f| f.has(c)).or_else(|| {
            loaded.push(Box::leak(Box::new(load(c)?)));
            Some(loaded.len() - 1)
        })
    })
}

/// Loads the first installed font that has the character.
fn load(c: char) -> Option<Font> {
    static DATABASE: OnceLock<fontdb::Database> = OnceLock::new();
    let database = DATABASE.get_or_init(|| {
        let mut database = fontdb::Database::new();
        database.load_system_fonts();
        database
    });
    let has = |data: &[u8], index: u32| {
        FontRef::from_index(data, index).is_ok_and(|f| f.charmap().map(c).is_some())
    };
    let found = database.faces().find(|f| database.with_face_data(f.id, has).unwrap_or(false))?;
    let (data, index) = database.with_face_data(found.id, |data, index| (data.to_vec(), index))?;
    Font::load(Box::leak(data.into_boxed_slice()), index)
}
