//! Pictures of every page that a story comes to, where somebody wants them: see `cargo xtask screenshots`.

use std::env;
use std::fs;
use std::path::PathBuf;

use crate::Result;
use crate::browser::{Browser, Scheme};
use crate::error::Doing;

/// The environment variable with the folder that the pictures go to.
pub const FOLDER: &str = "TAPCARD_SCREENSHOTS";

/// A phone's screen, a notebook's and a desktop's, in CSS pixels.
const SCREENS: [(u32, u32); 3] = [(390, 844), (1280, 900), (1920, 1080)];

/// Ids are as long as this, or longer.
const ID: usize = 20;
/// Most characters of a page's name in that of a file.
const LONGEST_NAME: usize = 60;

/// A folder of pictures, numbered in the order of the story.
#[derive(Debug)]
pub struct Album {
    folder: PathBuf,
    story: &'static str,
    pages: usize,
}

impl Album {
    /// The album of a story, if one is asked for.
    ///
    /// # Errors
    /// When its folder cannot be made.
    pub fn wanted(story: &'static str) -> Result<Option<Self>> {
        let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else {
            return Ok(None);
        };
        fs::create_dir_all(&folder).doing(|| format!("make {}", folder.display()))?;
        Ok(Some(Self {
            folder,
            story,
            pages: 0,
        }))
    }

    /// Adds the present page on each screen, in light and in dark. The window is of another size afterwards.
    ///
    /// # Errors
    /// When the browser makes no picture, or it cannot be written.
    pub fn add(&mut self, browser: &Browser, name: &str) -> Result {
        self.pages += 1;
        let name = format!("{}-{:03}-{}", self.story, self.pages, file_name(name));
        for (width, height) in SCREENS {
            browser.resize(width, height)?;
            for (scheme, label) in [(Scheme::Light, "light"), (Scheme::Dark, "dark")] {
                browser.prefer(scheme)?;
                let file = self.folder.join(format!("{name}-{width}-{label}.png"));
                let picture = browser.photograph(None, 1.0)?;
                fs::write(&file, picture).doing(|| format!("write {}", file.display()))?;
            }
        }
        browser.prefer(Scheme::Light)
    }
}

/// The name of a page as part of a file's name, the same in each run: without the ids that its address has.
fn file_name(page: &str) -> String {
    let words: Vec<&str> = page
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty() && word.len() < ID)
        .collect();
    if words.is_empty() {
        return "start".to_owned();
    }
    words.join("-").chars().take(LONGEST_NAME).collect()
}
