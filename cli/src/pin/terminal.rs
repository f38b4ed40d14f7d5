//! The person at the terminal: is asked for secrets, and whether the last try may be spent.

use std::io::{self, BufRead, IsTerminal, Write};

use zeroize::Zeroizing;

/// Somebody who can be asked.
pub trait Terminal {
    /// Whether anybody is there.
    fn is_there(&self) -> bool;

    /// Asks for a secret, which is not shown while it is typed.
    ///
    /// # Errors
    /// Where nothing can be read.
    fn ask_secret(&mut self, prompt: &str) -> io::Result<Zeroizing<String>>;

    /// Asks a question that is answered with yes or no; whatever else is answered means no.
    ///
    /// # Errors
    /// Where nothing can be read.
    fn confirm(&mut self, question: &str) -> io::Result<bool>;

    /// Says something that is not a part of the output: a warning, or what is wrong with an answer.
    ///
    /// # Errors
    /// Where nothing can be written.
    fn say(&mut self, words: &str) -> io::Result<()>;
}

/// The terminal that this program was started in.
#[derive(Debug)]
pub struct SystemTerminal;

impl Terminal for SystemTerminal {
    fn is_there(&self) -> bool {
        io::stdin().is_terminal()
    }

    fn ask_secret(&mut self, prompt: &str) -> io::Result<Zeroizing<String>> {
        hidden_input::ask(prompt)
    }

    fn confirm(&mut self, question: &str) -> io::Result<bool> {
        write!(io::stderr(), "{question} [y/N] ")?;
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer)?;
        Ok(matches!(
            answer.trim().to_ascii_lowercase().as_str(),
            "y" | "yes"
        ))
    }

    fn say(&mut self, words: &str) -> io::Result<()> {
        writeln!(io::stderr(), "{words}")
    }
}
