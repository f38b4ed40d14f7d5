//! The one state machine of all operations (PKCS#11 3.0, 5.2 and 5.8 to 5.16).
//!
//! An operation is initialized, then either done in one step or fed in parts and ended. Any failure ends it; a
//! length query and a buffer that is too small leave it as it was. A one-shot function cannot end what was fed in
//! parts: it finds no operation that it could end, and this failure ends the one that there is.

use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// The buffer that a caller has for a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputBuffer {
    /// None: the caller asks for the length alone.
    LengthQuery,
    /// A buffer of this many bytes.
    Bytes(usize),
}

impl OutputBuffer {
    /// Whether a result of this length fits into it.
    #[must_use]
    pub fn holds(self, length: usize) -> bool {
        match self {
            Self::LengthQuery => false,
            Self::Bytes(size) => size >= length,
        }
    }
}

/// What a caller gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// The length of the result, or the most that it can have: the buffer does not hold it.
    Length(usize),
    /// The result.
    Bytes(Zeroizing<Vec<u8>>),
}

/// What is known of a result before it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputLength {
    /// It has this length.
    Exactly(usize),
    /// It has at most this length.
    AtMost(usize),
}

/// One kind of operation, as far as it is fed.
pub trait Feed {
    /// Takes a part of the input.
    ///
    /// # Errors
    /// What is wrong with the input.
    fn feed(&mut self, bytes: &[u8]) -> Result<()>;

    /// Whether another one may take its place without being ended first.
    fn may_be_replaced(&self) -> bool {
        false
    }
}

/// One kind of operation that has a result.
pub trait Produce: Feed + Sized {
    /// The length of the result, known without any work.
    fn output_length(&self) -> OutputLength;

    /// The operation as it was begun, for other input; `None` where its result is made no earlier than it is taken.
    fn afresh(&self) -> Option<Self> {
        None
    }

    /// Makes the result.
    ///
    /// # Errors
    /// What is wrong with the input, or any failure of the card.
    fn finish(self) -> Result<Zeroizing<Vec<u8>>>;
}

/// How an operation is ended.
#[derive(Clone, Copy)]
enum End<'a> {
    /// By the one-shot function, with all of its input.
    Whole(&'a [u8]),
    /// By the last function, after its input.
    Last,
}

/// The operation of one kind that a session has, if it has one.
#[derive(Default)]
pub enum Operation<T> {
    /// There is none.
    #[default]
    Idle,
    /// It is initialized.
    Begun(T),
    /// It was fed: its last function ends it.
    Fed(T),
    /// Its result is here; the caller's buffer was too small for it.
    Finished {
        /// The input that the one-shot function was given; `None` where the last function was called.
        input: Option<Zeroizing<Vec<u8>>>,
        /// The result.
        output: Zeroizing<Vec<u8>>,
        /// The operation as it was begun: the one-shot function may come with other input.
        afresh: Option<T>,
    },
}

impl<T> Operation<T> {
    /// Ends it without a result.
    pub fn cancel(&mut self) {
        *self = Self::Idle;
    }

    /// The operation, as long as it has no result.
    #[must_use]
    pub fn active_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Begun(operation) | Self::Fed(operation) => Some(operation),
            Self::Idle | Self::Finished { .. } => None,
        }
    }
}

impl<T: Feed> Operation<T> {
    /// `C_...Init`: begins one; without a mechanism ends the one that there is.
    ///
    /// # Errors
    /// [`Error::OperationActive`] where there is one already, which goes on, or what `begin` gives.
    pub fn init<M>(
        &mut self,
        mechanism: Option<M>,
        begin: impl FnOnce(M) -> Result<T>,
    ) -> Result<()> {
        let Some(mechanism) = mechanism else {
            self.cancel();
            return Ok(());
        };
        let is_free = match self {
            Self::Idle => true,
            Self::Begun(operation) | Self::Fed(operation) => operation.may_be_replaced(),
            Self::Finished { .. } => false,
        };
        if !is_free {
            return Err(Error::OperationActive);
        }
        *self = Self::Begun(begin(mechanism)?);
        Ok(())
    }

    /// `C_...Update`
    ///
    /// # Errors
    /// [`Error::OperationNotInitialized`], or what is wrong with the input. Each ends the operation.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<()> {
        match std::mem::take(self) {
            Self::Begun(mut operation) | Self::Fed(mut operation) => {
                operation.feed(bytes)?;
                *self = Self::Fed(operation);
                Ok(())
            }
            Self::Idle | Self::Finished { .. } => Err(Error::OperationNotInitialized),
        }
    }

    /// The one-shot function of a kind without a result: `end` gets the operation with all of its input.
    ///
    /// # Errors
    /// [`Error::OperationNotInitialized`], what is wrong with the input, or what `end` gives. It always ends the
    /// operation.
    pub fn whole_with<R>(&mut self, data: &[u8], end: impl FnOnce(T) -> Result<R>) -> Result<R> {
        match std::mem::take(self) {
            Self::Begun(mut operation) => {
                operation.feed(data)?;
                end(operation)
            }
            Self::Idle | Self::Fed(_) | Self::Finished { .. } => {
                Err(Error::OperationNotInitialized)
            }
        }
    }

    /// The last function of a kind without a result.
    ///
    /// # Errors
    /// As [`Self::whole_with`].
    pub fn last_with<R>(&mut self, end: impl FnOnce(T) -> Result<R>) -> Result<R> {
        match std::mem::take(self) {
            Self::Begun(operation) | Self::Fed(operation) => end(operation),
            Self::Idle | Self::Finished { .. } => Err(Error::OperationNotInitialized),
        }
    }
}

impl<T: Produce> Operation<T> {
    /// The one-shot function: the whole input, and the result.
    ///
    /// # Errors
    /// [`Error::OperationNotInitialized`], what is wrong with the input, or any failure of the card. Each ends
    /// the operation.
    pub fn whole(&mut self, data: &[u8], buffer: OutputBuffer) -> Result<Output> {
        self.end(End::Whole(data), buffer)
    }

    /// The last function: the result.
    ///
    /// # Errors
    /// As [`Self::whole`].
    pub fn last(&mut self, buffer: OutputBuffer) -> Result<Output> {
        self.end(End::Last, buffer)
    }

    fn end(&mut self, end: End<'_>, buffer: OutputBuffer) -> Result<Output> {
        match (std::mem::take(self), end) {
            (Self::Begun(operation), end) => self.finish(operation, end, buffer, Self::Begun),
            (Self::Fed(operation), End::Last) => {
                self.finish(operation, End::Last, buffer, Self::Fed)
            }
            (
                Self::Finished {
                    input,
                    output,
                    afresh,
                },
                end,
            ) if is_same(input.as_deref(), end, buffer) => {
                Ok(self.deliver(input, output, afresh, buffer))
            }
            (
                Self::Finished {
                    input: Some(_),
                    afresh: Some(operation),
                    ..
                },
                End::Whole(_),
            ) => self.finish(operation, end, buffer, Self::Begun),
            (Self::Fed(_), End::Whole(_)) | (Self::Idle | Self::Finished { .. }, _) => {
                Err(Error::OperationNotInitialized)
            }
        }
    }

    fn finish(
        &mut self,
        mut operation: T,
        end: End<'_>,
        buffer: OutputBuffer,
        as_it_was: fn(T) -> Self,
    ) -> Result<Output> {
        let (length, does_not_fit) = match operation.output_length() {
            OutputLength::Exactly(length) => (length, !buffer.holds(length)),
            OutputLength::AtMost(length) => (length, buffer == OutputBuffer::LengthQuery),
        };
        if does_not_fit {
            *self = as_it_was(operation);
            return Ok(Output::Length(length));
        }
        let (input, afresh) = match end {
            End::Whole(data) => {
                let afresh = operation.afresh();
                operation.feed(data)?;
                (Some(Zeroizing::new(data.to_vec())), afresh)
            }
            End::Last => (None, None),
        };
        let output = operation.finish()?;
        Ok(self.deliver(input, output, afresh, buffer))
    }

    fn deliver(
        &mut self,
        input: Option<Zeroizing<Vec<u8>>>,
        output: Zeroizing<Vec<u8>>,
        afresh: Option<T>,
        buffer: OutputBuffer,
    ) -> Output {
        if buffer.holds(output.len()) {
            return Output::Bytes(output);
        }
        let length = output.len();
        *self = Self::Finished {
            input,
            output,
            afresh,
        };
        Output::Length(length)
    }
}

/// Whether a result that was made of `input` is the one that the caller wants. Who asks for the length alone may leave the
/// input away.
fn is_same(input: Option<&Vec<u8>>, end: End<'_>, buffer: OutputBuffer) -> bool {
    match (input, end) {
        (Some(_), End::Whole([])) if buffer == OutputBuffer::LengthQuery => true,
        (Some(input), End::Whole(data)) => input == data,
        (None, End::Last) => true,
        (Some(_), End::Last) | (None, End::Whole(_)) => false,
    }
}
