//! Reading units and files of settings as systemd does, as far as ours go.

/// A unit's lines: its settings in order, without sections and comments.
pub struct UnitFile(Vec<(String, String)>);

impl UnitFile {
    /// Reads a unit.
    pub fn read(text: &str) -> Self {
        let settings = text.lines().filter_map(setting);
        Self(settings.collect())
    }

    /// Every value of a setting, in order.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let of_name = self.0.iter().filter(|(other, _)| other == name);
        of_name.map(|(_, value)| value.as_str()).collect()
    }

    /// The value of a setting that is there once.
    pub fn one(&self, name: &str) -> &str {
        let all = self.all(name);
        let [value] = all.as_slice() else {
            panic!("{name}= is there {} times", all.len());
        };
        value
    }
}

/// The settings of a file of the environment (`EnvironmentFile=`).
pub fn environment(text: &str) -> Vec<(String, String)> {
    text.lines().filter_map(setting).collect()
}

/// `NAME=VALUE`; none for a comment, a section or an empty line.
pub fn setting(line: &str) -> Option<(String, String)> {
    if line.starts_with(['#', ';', '[']) || line.trim().is_empty() {
        return None;
    }
    let (name, value) = line.split_once('=').expect("a line of a unit");
    Some((name.trim().to_owned(), value.trim().to_owned()))
}
