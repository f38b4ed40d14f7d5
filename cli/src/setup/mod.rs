//! `tapcard setup`: shows the one change that each program needs to use the module, makes it, and takes back exactly what was
//! made.
//!
//! [`plan`] says what each program needs, [`change`] how one change is made and taken back. What was made is known by a mark
//! with a checksum ([`marker`]); where anybody changed it since, it stays as it is.

pub mod account;
pub mod change;
pub mod error;
pub mod files;
pub mod firefox;
pub mod marker;
pub mod module;
pub mod nss;
pub mod own_file;
pub mod p11_kit;
pub mod plan;
pub mod program;
pub mod ssh_block;
pub mod state;
pub mod surroundings;

use std::io::{self, Write};

use crate::advice_text::line;
use crate::arguments::{SetupAction, SetupOptions};
use crate::exit::Outcome;
use crate::table::table;
use change::Change;
use error::SetupError;
use plan::{Plan, Wishes};
use program::Program;
use state::{Done, State};
use surroundings::Surroundings;

/// Runs `tapcard setup`. What is wrong goes to `complaints`.
///
/// # Errors
/// Where nothing can be written.
pub fn run(
    options: &SetupOptions,
    out: &mut impl Write,
    complaints: &mut impl Write,
) -> io::Result<Outcome> {
    let done = Surroundings::of_process()
        .ok_or(SetupError::NoHome)
        .and_then(|surroundings| match options.program {
            None => Ok(overview(options, &surroundings)),
            Some(program) => one(program, options, &surroundings),
        });
    match done {
        Ok(text) => {
            out.write_all(text.as_bytes())?;
            Ok(Outcome::Well)
        }
        Err(error) => {
            complaints.write_all(line(0, &format!("tapcard: {error}.")).as_bytes())?;
            Ok(Outcome::Wrong)
        }
    }
}

fn wishes(options: &SetupOptions) -> Wishes {
    Wishes {
        hosts: options.host.clone(),
        profile: options.profile.clone(),
    }
}

/// Every program with its state.
fn overview(options: &SetupOptions, surroundings: &Surroundings) -> String {
    let module = module::find(options.module.as_deref(), surroundings);
    let shown = module.as_ref().map(|path| plan::as_text(path));
    let mut text = match &shown {
        Ok(module) => line(0, &format!("Module: {module}")),
        Err(error) => line(0, &format!("Module: {error}.")),
    };
    text.push('\n');
    let rows = Program::ALL.map(|program| {
        let plan = plan::plan(
            program,
            shown.as_deref().unwrap_or_default(),
            surroundings,
            &wishes(options),
        );
        let (state, place) = match plan.and_then(|plan| Ok((state_of(&plan)?, place_of(&plan)))) {
            Ok((State::NotSetUp, _)) if !program.is_installed(surroundings) => {
                ("program not found".to_owned(), String::new())
            }
            Ok((state, place)) => (state.words().to_owned(), place),
            Err(_) if !program.is_installed(surroundings) => {
                ("program not found".to_owned(), String::new())
            }
            Err(error) => ("not possible here".to_owned(), error.to_string()),
        };
        [
            program.name().to_owned(),
            plain_text::Plain(state).to_string(),
            plain_text::Plain(place).to_string(),
        ]
    });
    text.push_str(&table(0, ["Program", "State", "Where, or why not"], rows));
    text.push('\n');
    text.push_str(&line(
        0,
        "-> `tapcard setup PROGRAM` shows what one needs; --apply makes it, --undo takes it back.",
    ));
    text
}

/// The worst state of a plan's changes.
fn state_of(plan: &Plan) -> Result<State, SetupError> {
    let mut worst = State::SetUp;
    for change in &plan.changes {
        worst = worst.max(change.state()?);
    }
    Ok(worst)
}

fn place_of(plan: &Plan) -> String {
    let places: Vec<String> = plan
        .changes
        .iter()
        .map(|change| change.place().display().to_string())
        .collect();
    places.join(", ")
}

fn one(
    program: Program,
    options: &SetupOptions,
    surroundings: &Surroundings,
) -> Result<String, SetupError> {
    let action = options.action();
    for (option, given, for_program) in [
        ("--host", options.host.is_some(), Program::Ssh),
        ("--profile", options.profile.is_some(), Program::Firefox),
    ] {
        if given && program != for_program {
            return Err(SetupError::OptionOfAnother(option, for_program.name()));
        }
    }
    let module = match action {
        // What was made is known without the module, which may be gone.
        SetupAction::Undo => String::new(),
        // It names no module.
        _ if program == Program::OneTap => String::new(),
        SetupAction::Show | SetupAction::Apply => {
            plan::as_text(&module::find(options.module.as_deref(), surroundings)?)
        }
    };
    let plan = plan::plan(program, &module, surroundings, &wishes(options))?;
    if action != SetupAction::Show {
        refuse_another_home(&plan, surroundings)?;
    }
    match action {
        SetupAction::Show => show(program, &plan),
        SetupAction::Apply => apply(program, &plan),
        SetupAction::Undo => undo(program, &plan),
    }
}

/// With `sudo`, what is made in a user's home would belong to root.
fn refuse_another_home(plan: &Plan, surroundings: &Surroundings) -> Result<(), SetupError> {
    let in_home = |change: &Change| change.place().starts_with(&surroundings.home);
    if surroundings.is_in_another_home() && plan.changes.iter().any(in_home) {
        return Err(SetupError::AnotherHome(surroundings.home.clone()));
    }
    Ok(())
}

fn show(program: Program, plan: &Plan) -> Result<String, SetupError> {
    let name = program.name();
    let state = state_of(plan)?;
    let mut text = line(0, &format!("{name}: {}.", state.words()));
    for change in &plan.changes {
        let (what, lines) = change.shown();
        text.push('\n');
        text.push_str(&line(0, &format!("What it needs: {what}")));
        text.push('\n');
        for one in lines.lines() {
            text.push_str(&line(4, one));
        }
    }
    text.push('\n');
    let next = match state {
        State::NotSetUp | State::Other => format!(
            "`tapcard setup {name} --apply` makes this change. Nothing has been changed yet."
        ),
        State::SetUp => {
            format!("`tapcard setup {name} --undo` takes back what was made, and nothing else.")
        }
        State::Changed | State::Foreign => {
            "What is there stays as it is: change or remove it by hand.".to_owned()
        }
    };
    text.push_str(&line(0, &format!("-> {next}")));
    text.push_str(&afterwards(plan));
    Ok(text)
}

fn afterwards(plan: &Plan) -> String {
    let lines = plan.afterwards.iter();
    lines.map(|words| line(0, &format!("-> {words}"))).collect()
}

fn apply(program: Program, plan: &Plan) -> Result<String, SetupError> {
    let mut text = String::new();
    for change in &plan.changes {
        text.push_str(&done(program, &change.apply()?, "it is set up already"));
    }
    Ok(text + &afterwards(plan))
}

fn undo(program: Program, plan: &Plan) -> Result<String, SetupError> {
    let mut text = String::new();
    // The last first: what hides another module goes before ours, which may have been changed and then stays.
    for change in plan.changes.iter().rev() {
        let nothing = "nothing of it was made by tapcard";
        text.push_str(&done(program, &change.undo()?, nothing));
    }
    Ok(text)
}

fn done(program: Program, done: &Done, nothing: &str) -> String {
    let name = program.name();
    let words = match done {
        Done::Nothing => format!("{name}: nothing to do, {nothing}."),
        Done::Written(path, None) => format!("{name}: {} was written.", path.display()),
        Done::Written(path, Some(kept)) => format!(
            "{name}: {} was changed; as it was before, it is kept as {}.",
            path.display(),
            kept.display()
        ),
        Done::Removed(path) => format!("{name}: {} was removed.", path.display()),
    };
    line(0, &words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_made_in_the_home_of_another_user() {
        let home = tempfile::tempdir().unwrap();
        let owner = rustix::process::geteuid().as_raw();
        let surroundings = |user| Surroundings {
            home: home.path().to_owned(),
            config: home.path().join(".config"),
            data: home.path().join(".local/share"),
            root: home.path().join("system"),
            search_path: Vec::new(),
            user,
        };
        let refused = |program, user| {
            let surroundings = surroundings(user);
            let plan = plan::plan(program, "/a.so", &surroundings, &Wishes::default()).unwrap();
            refuse_another_home(&plan, &surroundings).is_err()
        };
        assert!(!refused(Program::Ssh, owner));
        assert!(refused(Program::Ssh, owner + 1));
        // The system's files are nobody's home.
        let mut elsewhere = surroundings(owner + 1);
        elsewhere.root = std::path::PathBuf::from("/");
        let plan = plan::plan(Program::Pam, "/a.so", &elsewhere, &Wishes::default()).unwrap();
        assert!(refuse_another_home(&plan, &elsewhere).is_ok());
    }
}
