//! `docker-compose.yml` with the files that its document makes, as Docker Compose itself reads it.

use std::path::PathBuf;

use rig::binary::build_folder;
use rig::folder::Folder;
use rig::recipe::Step;
use serde_json::Value;

use crate::debian_13;
use crate::error::{Error, Result};
use crate::workspace::root;

/// The file.
const NAME: &str = "docker-compose.yml";
/// The package of Debian 13's, and where its program is.
const PACKAGE: &str = "docker-compose";
const PROGRAM: &str = "usr/libexec/docker/cli-plugins/docker-compose";
/// The variable that a person has to set.
const NEEDED: &str = "set TAPCARD_NAME in .env";
/// sudo where root is the one who types.
const AS_ROOT: &str = "sudo() { \"$@\"; }\n";

/// A file with a secret, and where a container finds it.
#[derive(Debug)]
pub struct Secret {
    /// On the machine.
    pub file: PathBuf,
    /// In the container.
    pub place: String,
}

/// The composition.
#[derive(Debug)]
pub struct Composition(Value);

impl Composition {
    /// Makes the settings and secrets in a folder as the document has it, and reads all.
    ///
    /// # Errors
    /// Where Docker Compose refuses it, or takes it without its settings.
    pub fn set_up(folder: &Folder) -> Result<Self> {
        let tree = build_folder()?.join(PACKAGE);
        debian_13::ensure_tree(&tree, &[PACKAGE])?;
        let place = folder.subfolder("composition")?;
        let config = || {
            folder
                .program(tree.join(PROGRAM))
                .arg("--file")
                .arg(root().join(NAME))
                .arg("--project-directory")
                .arg(&place)
                .args(["config", "--format", "json"])
        };
        config().fail()?.saying(&[NEEDED])?;
        let secrets = Step::of("docs/enroll-server.md", "With Docker", "TAPCARD_NAME")?;
        let script = format!("{AS_ROOT}{}", secrets.script);
        folder
            .program("sh")
            .args(["-eu"])
            .current_dir(&place)
            .input(script)
            .succeed()?;
        let read = config().succeed()?;
        serde_json::from_slice(&read.stdout)
            .map(Self)
            .map_err(|error| Error::Machine(format!("docker-compose gave no JSON: {error}")))
    }

    fn get(&self, path: &str) -> Result<&Value> {
        let unknown = || Error::Machine(format!("{NAME} has no {path}"));
        self.0.pointer(path).ok_or_else(unknown)
    }

    /// The environment of a service.
    ///
    /// # Errors
    /// Where it has none.
    pub fn environment(&self, service: &str) -> Result<Vec<(String, String)>> {
        let path = format!("/services/{service}/environment");
        let variables = self.get(&path)?.as_object().into_iter().flatten();
        Ok(variables
            .map(|(name, value)| (name.clone(), text(value)))
            .collect())
    }

    /// The secrets of a service.
    ///
    /// # Errors
    /// Where it has none.
    pub fn secrets(&self, service: &str) -> Result<Vec<Secret>> {
        let all = self.get(&format!("/services/{service}/secrets"))?;
        let given = all.as_array().into_iter().flatten().map(|given| {
            let source = given.get("source").map(text).unwrap_or_default();
            let file = self.get(&format!("/secrets/{source}/file"))?;
            Ok(Secret {
                file: PathBuf::from(text(file)),
                place: given.get("target").map(text).unwrap_or_default(),
            })
        });
        given.collect()
    }

    /// The command that tells whether a service is well.
    ///
    /// # Errors
    /// Where it has none.
    pub fn health_check(&self, service: &str) -> Result<Vec<String>> {
        let test = self.get(&format!("/services/{service}/healthcheck/test"))?;
        let words: Vec<String> = test.as_array().into_iter().flatten().map(text).collect();
        match words.split_first() {
            Some((kind, words)) if kind == "CMD" => Ok(words.to_vec()),
            Some((kind, [line])) if kind == "CMD-SHELL" => {
                Ok(["sh", "-c", line].map(str::to_owned).to_vec())
            }
            _ => Err(Error::Machine(format!(
                "{NAME} has an unknown test: {words:?}"
            ))),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
