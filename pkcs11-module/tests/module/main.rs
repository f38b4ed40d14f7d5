//! The module behind its C layer, with the virtual phone's card in a reader in memory: what it sends, what it
//! finds again when other programs and moments without a field come between, and what it answers.

#[cfg(test)]
mod administrator;
#[cfg(test)]
mod attributes;
#[cfg(test)]
mod busy;
#[cfg(test)]
mod card;
#[cfg(test)]
mod certificate;
#[cfg(test)]
mod consent;
#[cfg(test)]
mod data_objects;
#[cfg(test)]
mod first_look;
#[cfg(test)]
mod generate;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod kept;
#[cfg(test)]
mod key_sizes;
mod known_cards;
#[cfg(test)]
mod login;
#[cfg(test)]
mod misuse;
#[cfg(test)]
mod momentary;
#[cfg(test)]
mod objects;
#[cfg(test)]
mod one_tap;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod other_card;
#[cfg(test)]
mod other_log;
#[cfg(test)]
mod other_objects;
#[cfg(test)]
mod other_pins;
#[cfg(test)]
mod our_phone;
#[cfg(test)]
mod pin_at_phone;
#[cfg(test)]
mod pin_pad;
#[cfg(test)]
mod pin_policy;
#[cfg(test)]
mod races;
#[cfg(test)]
mod reader;
#[cfg(test)]
mod recovery;
#[cfg(test)]
mod replaced;
#[cfg(test)]
mod rig;
#[cfg(test)]
mod round_trips;
#[cfg(test)]
mod silent;
#[cfg(test)]
mod slots;
#[cfg(test)]
mod t0;
#[cfg(test)]
mod t0_card;
#[cfg(test)]
mod torn_links;
#[cfg(test)]
mod two_cards;
#[cfg(test)]
mod write;
