//! What is wrong with a form, in the words that stand both in its summary and beside the field.

use std::borrow::Cow;

use crate::words::Text;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Name of the field; empty for the form as a whole.
    pub field: &'static str,
    /// Id of the control to go to: the field's own, or the first one of a group.
    pub control: Cow<'static, str>,
    /// What is wrong and what to enter instead, as it stands alone.
    pub message: Text,
    /// The same beside the field, whose name stands there already.
    pub beside: Text,
}

/// All mistakes of a form, in the order of its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormErrors(Vec<FieldError>);

impl FormErrors {
    /// A form without mistakes.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// One mistake that belongs to no single field.
    #[must_use]
    pub fn whole(message: impl Into<Text>) -> Self {
        let mut errors = Self::none();
        errors.add("", message);
        errors
    }

    /// Notes a mistake in `field`.
    pub fn add(&mut self, field: &'static str, message: impl Into<Text>) {
        self.add_in_group(field, field, message);
    }

    /// Notes a mistake in a group of controls, `control` being the first of them.
    pub fn add_in_group(
        &mut self,
        field: &'static str,
        control: impl Into<Cow<'static, str>>,
        message: impl Into<Text>,
    ) {
        let message = message.into();
        self.0.push(FieldError {
            field,
            control: control.into(),
            beside: message.clone(),
            message,
        });
    }

    /// Notes a mistake in `field`, in one text for where it stands alone and one for beside the field.
    pub fn add_both(&mut self, field: &'static str, message: Text, beside: Text) {
        self.0.push(FieldError {
            field,
            control: field.into(),
            message,
            beside,
        });
    }

    /// Whether the form may be acted on.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first mistake in the field of this name, as it stands beside it.
    #[must_use]
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|error| error.field == field)
            .map(|error| error.beside.as_ref())
    }

    /// All mistakes, for the summary.
    pub fn iter(&self) -> std::slice::Iter<'_, FieldError> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a FormErrors {
    type Item = &'a FieldError;
    type IntoIter = std::slice::Iter<'a, FieldError>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One of several things to choose from: its value in the form, its name, and what follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Value that the form sends.
    pub value: Text,
    /// What it is called.
    pub name: Text,
    /// What follows from choosing it.
    pub note: Text,
}
