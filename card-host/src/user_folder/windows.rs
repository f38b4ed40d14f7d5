//! Known folders of Windows, by the variables that every process of a user has: what may roam with the user between machines,
//! and what stays on this one.

use std::path::PathBuf;

use super::kind::UserFolder;

pub fn folder(which: UserFolder, absolute: &dyn Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    absolute(match which {
        UserFolder::Configuration => "APPDATA",
        UserFolder::Cache | UserFolder::State | UserFolder::Runtime => "LOCALAPPDATA",
    })
}
