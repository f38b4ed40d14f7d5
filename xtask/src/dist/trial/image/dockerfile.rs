//! What the last stage of a Dockerfile does.

use crate::error::{Error, Result};

/// The last stage: what it makes, and how it starts.
#[derive(Debug, Default)]
pub struct Dockerfile {
    /// The image that it begins with.
    pub base: String,
    /// The lines that a shell runs.
    pub runs: Vec<String>,
    /// What of the build goes where.
    pub copies: Vec<(String, String)>,
    /// Who runs it.
    pub user: String,
    /// Where its data is.
    pub volume: String,
    /// The command line.
    pub command: Vec<String>,
    /// What asks it to end.
    pub stop_signal: String,
}

impl Dockerfile {
    /// Reads one; what it does not know is an error, so that nothing is left out.
    ///
    /// # Errors
    /// Where an instruction or its form is unknown.
    pub fn read(text: &str) -> Result<Self> {
        let mut stage = Self::default();
        for line in text.lines() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let unknown =
                || Error::Machine(format!("nobody tries this line of Dockerfile: {line}"));
            let (instruction, words) = line.split_once(' ').ok_or_else(unknown)?;
            match instruction {
                "FROM" => {
                    stage = Self {
                        base: words.to_owned(),
                        ..Self::default()
                    };
                }
                "RUN" => stage.runs.push(words.to_owned()),
                "COPY" => {
                    // Of this machine's files only the stage that builds takes any.
                    let from_build = words.strip_prefix("--from=build ");
                    let copy = from_build.and_then(|words| words.split_once(' '));
                    if let Some((from, to)) = copy {
                        stage.copies.push((from.to_owned(), to.to_owned()));
                    } else if words != ". ." {
                        return Err(unknown());
                    }
                }
                "USER" => words.clone_into(&mut stage.user),
                "VOLUME" => words.clone_into(&mut stage.volume),
                "STOPSIGNAL" => words.clone_into(&mut stage.stop_signal),
                "ENTRYPOINT" | "CMD" => {
                    let more: Vec<String> = serde_json::from_str(words).map_err(|_| unknown())?;
                    stage.command.extend(more);
                }
                "EXPOSE" | "WORKDIR" => {}
                _ => return Err(unknown()),
            }
        }
        Ok(stage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_stage_counts_and_nothing_unknown_is_left_out() {
        let stage = Dockerfile::read(
            "# A comment\nFROM rust AS build\nCOPY . .\nRUN cargo build\n\nFROM debian\nRUN useradd tapcard\n\
             COPY --from=build /a /b\nUSER 10001\nVOLUME /data\nENTRYPOINT [\"a\"]\nCMD [\"serve\"]\n",
        )
        .unwrap();
        assert_eq!(stage.base, "debian");
        assert_eq!(stage.runs, ["useradd tapcard"]);
        assert_eq!(stage.copies, [("/a".to_owned(), "/b".to_owned())]);
        assert_eq!(stage.command, ["a", "serve"]);
        for line in ["ADD x /", "COPY secrets /", "CMD serve", "HEALTHCHECK"] {
            let read = Dockerfile::read(&format!("FROM debian\n{line}\n"));
            assert!(
                read.is_err_and(|error| error.to_string().contains(line)),
                "{line}"
            );
        }
    }
}
