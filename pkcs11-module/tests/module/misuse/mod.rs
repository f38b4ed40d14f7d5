//! Operations out of order, through the C functions that a program finds in the function list: all five kinds
//! answer alike.

#![allow(
    unsafe_code,
    reason = "the test is the C program that calls the module"
)]

mod changes;
mod forks;
mod program;
mod story;
mod templates;

use program::{KINDS, Kind, Program};
use story::{OK, STORIES, Step, is_about_output};

#[test]
fn operations_out_of_order_are_answered_alike_by_all_five_kinds() {
    let program = Program::start();
    let mut wrong = Vec::new();
    for kind in KINDS {
        for (name, story) in STORIES {
            if kind == Kind::Verify && is_about_output(story) {
                continue;
            }
            for (position, (step, expected)) in story.iter().enumerate() {
                let rv = program.take(kind, *step, *expected);
                if rv != *expected {
                    wrong.push(format!(
                        "{kind:?}, {name}, step {position} ({step:?}): 0x{rv:X} instead of 0x{expected:X}"
                    ));
                }
            }
            program.take(kind, Step::Cancel, OK);
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    program.end();
}
