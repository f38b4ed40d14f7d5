//! The tapcard command: explains what is on the reader.
