//! XDG Base Directory Specification: a variable for each, and a place in the home folder without it.

use std::path::PathBuf;

use super::kind::UserFolder;

pub fn folder(which: UserFolder, absolute: &dyn Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let (variable, below_home) = match which {
        UserFolder::Configuration => ("XDG_CONFIG_HOME", ".config"),
        UserFolder::Cache => ("XDG_CACHE_HOME", ".cache"),
        UserFolder::State => ("XDG_STATE_HOME", ".local/state"),
        // It has no place in the home folder: what is there need not last longer than what a cache has.
        UserFolder::Runtime => {
            return absolute("XDG_RUNTIME_DIR").or_else(|| folder(UserFolder::Cache, absolute));
        }
    };
    absolute(variable).or_else(|| absolute("HOME").map(|home| home.join(below_home)))
}
