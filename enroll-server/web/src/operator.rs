//! Who runs a command on the server's machine.

/// The name of the machine's user, as the environment has it: who can run this can write whatever they like.
#[must_use]
pub fn name() -> String {
    let named = ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| {
        let value = std::env::var(name).ok()?;
        (!value.is_empty()).then_some(value)
    });
    let name = named.unwrap_or_else(|| "unknown".to_owned());
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}
