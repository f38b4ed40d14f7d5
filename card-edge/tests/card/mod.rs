//! A card in memory for tests of the exchange: it takes chains apart and hands out long responses as a real one does.

use card_edge::apdu::{Command, Instruction, Response};
use card_edge::chaining::{Assembled, CommandChain, ResponseChain};
use card_edge::transmit::ResponseBytes;
use card_edge::{Status, Transmit};

/// A card that keeps what it was sent and answers every whole command with one response.
pub struct Card {
    commands: CommandChain,
    responses: ResponseChain,
    answer: Response,
    /// The whole commands that arrived.
    pub received: Vec<Command>,
    /// Every command APDU that arrived.
    pub wire: Vec<Vec<u8>>,
    /// Every response APDU that left.
    pub answered: Vec<Vec<u8>>,
}

impl Card {
    /// A card that answers this.
    pub fn answering(answer: Response) -> Self {
        Self {
            commands: CommandChain::new(100_000),
            responses: ResponseChain::default(),
            answer,
            received: Vec::new(),
            wire: Vec::new(),
            answered: Vec::new(),
        }
    }

    fn process(&mut self, bytes: &[u8]) -> Response {
        let command = match Command::parse(bytes) {
            Ok(command) => command,
            Err(error) => return error.status().into(),
        };
        if command.instruction == Instruction::GetResponse {
            let next = self.responses.next_part(command.expected);
            return next.unwrap_or_else(|| Status::ConditionsNotSatisfied.into());
        }
        self.responses.clear();
        match self.commands.push(command) {
            Assembled::Incomplete => Status::Success.into(),
            Assembled::TooLong => Status::WrongLength.into(),
            Assembled::Complete(command) => {
                let expected = command.expected;
                self.received.push(command);
                self.responses.start(self.answer.clone(), expected)
            }
        }
    }
}

impl Transmit for Card {
    type Error = core::convert::Infallible;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, Self::Error> {
        let response = self.process(command).encode();
        self.wire.push(command.to_vec());
        self.answered.push(response.to_vec());
        Ok(response)
    }
}
